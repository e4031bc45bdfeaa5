import { required } from '@basketwise/core';
import Papa from 'papaparse';
import type { Bank } from './bank.ts';
import { HoldingCollector, mostRows, type ReadHoldings } from './holding-collector.ts';
import { PageError } from './page-error.ts';
import { checkFooter, checkPages } from './parquet-bounds.ts';

/** Larger files are for the nightly job. */
const mostBytes = 1_000_000_000;
/** Rows of a Parquet file that are decoded at a time. */
const rowsAtOnce = 100_000;

/** Names that the columns may have, in lower case; the bank's own words first. */
const columnNames = {
  customer: ['csno', 'customer', 'customer_id', 'customerid', 'cust_id', 'id', '고객번호'],
  product: ['gds_korn_nm', 'gds_cd', 'product', 'product_code', 'product_name', 'product_id', 'item', '상품명', '상품코드'],
  opened: ['open_dt', 'opened', 'open_date', 'date', 'purchase_date', '가입일', '신규일'],
  closed: ['close_dt', 'closed', 'close_date', 'end_date', '해지일'],
} as const;

type Role = keyof typeof columnNames;
type ColumnRoles = Record<'customer' | 'product', string> & Partial<Record<Role, string>>;

/** Finds out which column is which. @throws PageError where there is no customer or no product. */
function rolesOf(columns: readonly string[]): ColumnRoles {
  const byName = new Map(
    columns.map((column) => [
      column
        .trim()
        .toLowerCase()
        .replace(/^\uFEFF/, ''),
      column,
    ]),
  );
  const roles: Partial<Record<Role, string>> = {};
  for (const role of Object.keys(columnNames) as Role[]) {
    const name = columnNames[role].find((name) => byName.has(name));
    if (name !== undefined) roles[role] = required(byName, name);
  }
  const { customer, product } = roles;
  if (customer === undefined || product === undefined) {
    const found = columns.slice(0, 6).map((column) => column.slice(0, 30));
    throw new PageError('missingColumns', { found: found.join(', ') || '-' });
  }
  return { ...roles, customer, product };
}

/**
 * Reads holdings of a CSV, Parquet or Arrow file, whatever it is called; memory grows with the holdings, not with the file.
 * @throws PageError where the file is something else, too large, or names no product of the bank
 */
export async function readHoldings(file: File, bank: Bank, onProgress: (share: number) => void): Promise<ReadHoldings> {
  if (file.size > mostBytes) throw new PageError('tooLarge', { size: megabytes(file.size), most: megabytes(mostBytes) });
  if (file.size === 0) throw new PageError('noRows');
  const collector = new HoldingCollector(bank);
  const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  const magic = new TextDecoder('latin1').decode(head.subarray(0, 6));
  try {
    if (magic.startsWith('PAR1')) await readParquet(file, collector, onProgress);
    else if (magic.startsWith('ARROW1') || head.subarray(0, 4).every((byte) => byte === 0xff)) await readArrow(file, collector);
    else if (head.includes(0)) throw new PageError('notReadable', { name: file.name });
    else await readCsv(file, collector, onProgress);
  } catch (cause) {
    if (cause instanceof PageError) throw cause;
    throw new PageError('notReadable', { name: file.name }, { cause });
  }
  return collector.finish();
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

function readCsv(file: File, collector: HoldingCollector, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let roles: ColumnRoles | undefined;
    Papa.parse<Record<string, string>>(file, {
      header: true,
      skipEmptyLines: true,
      chunk({ data, meta }, parser) {
        try {
          roles ??= rolesOf(meta.fields ?? []);
          const { customer, product, opened, closed } = roles;
          for (const row of data) collector.add(row[customer], row[product], opened && row[opened], closed && row[closed]);
          onProgress(meta.cursor / file.size);
        } catch (error) {
          // first: aborting completes, and what completes resolves
          reject(error);
          parser.abort();
        }
      },
      complete: () => resolve(),
      error: reject,
    });
  });
}

async function readParquet(file: File, collector: HoldingCollector, onProgress: (share: number) => void): Promise<void> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  await checkFooter(file);
  const buffer = { byteLength: file.size, slice: (start: number, end?: number) => file.slice(start, end).arrayBuffer() };
  const metadata = await parquetMetadataAsync(buffer);
  const roles = rolesOf(parquetSchema(metadata).children.map(({ element }) => element.name));
  const columns = Object.values(roles);
  const rows = Number(metadata.num_rows);
  if (rows > mostRows) throw new PageError('tooMany', { rows: mostRows.toLocaleString('en') });
  await checkPages(file, metadata, columns, compressors);
  for (let rowStart = 0; rowStart < rows; rowStart += rowsAtOnce) {
    const rowEnd = Math.min(rowStart + rowsAtOnce, rows);
    const { customer, product, opened, closed } = roles;
    for (const row of await parquetReadObjects({ file: buffer, metadata, columns, rowStart, rowEnd, compressors })) {
      collector.add(row[customer], row[product], opened && row[opened], closed && row[closed]);
    }
    onProgress(rowEnd / rows);
  }
}

async function readArrow(file: File, collector: HoldingCollector): Promise<void> {
  const { tableFromIPC } = await import('apache-arrow');
  const table = tableFromIPC(new Uint8Array(await file.arrayBuffer()));
  const roles = rolesOf(table.schema.fields.map(({ name }) => name));
  const { customer, product, opened, closed } = roles;
  for (const batch of table.batches) {
    const column = (name: string | undefined) => (name === undefined ? undefined : batch.getChild(name));
    const [customers, products, days, ends] = [column(customer), column(product), column(opened), column(closed)];
    for (let i = 0; i < batch.numRows; i++) collector.add(customers?.get(i), products?.get(i), days?.get(i), ends?.get(i));
  }
}
