import type { ColumnRole } from './column-roles.ts';
import { cellText, type DescribedProduct, type OwnBank, OwnBankCollector } from './own-bank.ts';
import type { ChosenColumns } from './seen-file.ts';
import { openTableFile } from './table-file.ts';

/** Files of the user's own bank with their chosen columns. Only the file of holdings is required. */
export interface OwnFiles {
  holdings: ChosenColumns;
  /** File with the names and classes of products. Null: the user gave no such file. */
  products: ChosenColumns | null;
  /** File with all customers, including customers without holdings. Null: the user gave no such file. */
  customers: ChosenColumns | null;
}

/**
 * Reads the user's own bank from files that they dropped on the page.
 * @param onProgress receives the share of the holdings that are read, 0 to 1
 * @throws PageError if a file cannot be read, or all rows are excluded
 */
export async function readOwn(files: OwnFiles, onProgress: (share: number) => void): Promise<OwnBank> {
  const { customer, product, opened, closed } = files.holdings.roles;
  const holdings = await openTableFile(files.holdings.file);
  const wanted = [customer!, product!, opened ?? customer!, closed ?? customer!];
  const products = files.products && (await readOwnProducts(files.products));
  const customers = files.customers && (await readTexts(files.customers, ['id'])).map(([id]) => id!);
  const collector = new OwnBankCollector(customers, products);
  await holdings.read(wanted, ([id, code, from, to]) => void collector.add(id, code, opened && from, closed && to), onProgress);
  return collector.finish();
}

/** Reads some columns of a small file as texts. Rows with an empty first column are left out. Columns that were not chosen give empty texts. */
async function readTexts({ file, roles }: ChosenColumns, wanted: readonly ColumnRole[]): Promise<string[][]> {
  const table = await openTableFile(file);
  const columns = wanted.map((role) => roles[role]);
  const rows: string[][] = [];
  await table.read(
    columns.map((name) => name ?? columns[0]!),
    (row) => {
      const texts = row.map((value, at) => (columns[at] === undefined ? '' : cellText(value)));
      if (texts[0] !== '') rows.push(texts);
      return true;
    },
  );
  return rows;
}

async function readOwnProducts(chosen: ChosenColumns): Promise<ReadonlyMap<string, DescribedProduct>> {
  const rows = await readTexts(chosen, ['code', 'name', 'class']);
  return new Map(rows.map(([code, name, of]) => [code!, { name: name || code!, class: of || null }]));
}
