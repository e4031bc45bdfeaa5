import { type ColumnRole, type ColumnRoles, columnNamed, guessRoles } from './column-roles.ts';
import { dayOfValue } from './holding-collector.ts';
import { cellText, type DescribedProduct, type OwnBank, OwnBankCollector } from './own-bank.ts';
import { PageError } from './page-error.ts';
import { openTableFile, type TableFile } from './table-file.ts';

/** Files of a bank: holdings, and optional further ones. */
export interface OwnFiles {
  holdings: File;
  /** Columns of the holdings. */
  roles: ColumnRoles;
  /** File with names and classes of products. */
  products: File | null;
  /** File with all customers, including those without holdings. */
  customers: File | null;
}

/** Result of inspecting a file of holdings. */
export interface SeenFile {
  columns: readonly string[];
  /** Meaning of columns, as far as names and the first rows show it. */
  roles: Partial<Record<ColumnRole, string>>;
}

/** Number of inspected rows. The next constant is the number of compared rows. */
const [looked, compared] = [500, 5000];

/** Inspects the columns of a file of holdings. @throws PageError if it cannot be read */
export async function seeHoldings(file: File): Promise<SeenFile> {
  const table = await openTableFile(file);
  const rows = await readFirstRows(table, table.columns, looked);
  if (rows.length === 0) throw new PageError('noRows');
  const roles = guessRoles(table.columns);
  return { columns: table.columns, roles: { ...guessByContent(table.columns, rows, roles), ...roles } };
}

async function readFirstRows(table: TableFile, columns: readonly string[], most: number): Promise<(readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  await table.read(columns, (values) => rows.push(values) < most);
  return rows;
}

/**
 * Guesses meanings that no name shows. Dates are openings. Of the other columns, the one with most values is the customer, the
 * one with fewest the product.
 */
function guessByContent(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  { opened, customer, product, ...others }: SeenFile['roles'],
): SeenFile['roles'] {
  const taken = new Set([opened, customer, product, ...Object.values(others)]);
  const free = columns
    .map((name, at) => ({ name, values: rows.map((row) => row[at]).filter((value) => value !== null && value !== '') }))
    .filter(({ name, values }) => !taken.has(name) && values.length > 0);
  const dates = free.filter(({ values }) =>
    values.every((value) => typeof value !== 'number' && typeof dayOfValue(value) === 'number'),
  );
  const counted = free
    .filter((column) => !dates.includes(column))
    .map(({ name, values }) => ({ name, distinct: new Set(values.map(String)).size }))
    .filter(({ distinct }) => distinct > 1)
    .sort((a, b) => b.distinct - a.distinct);
  const who = customer ?? counted[0]?.name;
  const what = product ?? counted.filter(({ name }) => name !== who).at(-1)?.name;
  const when = opened ?? dates[0]?.name;
  return { ...(who && { customer: who }), ...(what && { product: what }), ...(when && { opened: when }) };
}

/**
 * Reads a bank from its files. Columns of products and customers are found by their values, names and classes by their names.
 * @param onProgress receives the share of holdings read, 0 to 1
 * @throws PageError if a file cannot be read, no column has the values of the holdings, or no row is left
 */
export async function readOwn(files: OwnFiles, onProgress: (share: number) => void): Promise<OwnBank> {
  const { customer, product, opened, closed } = files.roles;
  const holdings = await openTableFile(files.holdings);
  const wanted = [customer, product, opened ?? customer, closed ?? customer];
  const sample = files.products || files.customers ? await readFirstRows(holdings, [customer, product], compared) : [];
  const products =
    files.products &&
    (await readProductFile(
      files.products,
      sample.map(([, code]) => cellText(code)),
    ));
  const customers =
    files.customers &&
    (await readCustomers(
      files.customers,
      sample.map(([id]) => cellText(id)),
    ));
  const collector = new OwnBankCollector(customers, products);
  await holdings.read(wanted, ([id, code, from, to]) => void collector.add(id, code, opened && from, closed && to), onProgress);
  return collector.finish();
}

/** All rows of a small file, and the position of the column with most of some values. */
async function readBy(
  file: File,
  values: readonly string[],
): Promise<{ rows: string[][]; key: number; columns: readonly string[] }> {
  const table = await openTableFile(file);
  const rows: string[][] = [];
  await table.read(table.columns, (row) => void rows.push(row.map(cellText)));
  const wanted = new Set(values);
  const shares = table.columns.map((_, at) => {
    const found = new Set(rows.flatMap((row) => (wanted.has(row[at]!) ? [row[at]!] : [])));
    return found.size / Math.max(1, wanted.size);
  });
  const key = shares.indexOf(Math.max(...shares));
  if (key < 0 || shares[key] === 0) throw new PageError('noMatchingColumn', { name: file.name });
  return { rows, key, columns: table.columns };
}

const nameNames = ['gds_korn_nm', 'name', 'product_name', 'title', 'label', 'description', '상품명'];
const classNames = ['class', 'gds_class', 'product_class', 'category', 'class_name', 'type', 'group', '상품분류', '분류'];

async function readProductFile(file: File, codes: readonly string[]): Promise<ReadonlyMap<string, DescribedProduct>> {
  const { rows, key, columns } = await readBy(file, codes);
  const placeOf = (names: readonly string[]) => columns.indexOf(columnNamed(columns, names) ?? '');
  const [name, of] = [placeOf(nameNames), placeOf(classNames)];
  const described = rows.map((row): [string, DescribedProduct] => {
    return [row[key]!, { name: (name < 0 ? '' : row[name]!) || row[key]!, class: of < 0 ? null : row[of]! || null }];
  });
  return new Map(described.filter(([code]) => code !== ''));
}

async function readCustomers(file: File, ids: readonly string[]): Promise<string[]> {
  const { rows, key } = await readBy(file, ids);
  return rows.map((row) => row[key]!).filter((id) => id !== '');
}
