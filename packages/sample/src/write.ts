import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dateOfDay } from '@basketwise/core/parts';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { makeFolder } from '@basketwise/data/files';
import { customerTableColumns, historyColumns, holdingTableColumns, productTableColumns } from './bank-columns.ts';
import { dayOf } from './calendar.ts';
import { type Catalog, drawCatalog } from './catalog.ts';
import { drawCustomers } from './customers.ts';
import { drawHoldings } from './holdings.ts';
import type { BankOptions } from './options.ts';
import { bankOf, type SampleBank } from './options.ts';
import { joinParquetParts, writePart } from './parquet-parts.ts';

export { contactsFile, type Reaction, reactionDays, reactionSql, reactTo, startContacts } from './reactions.ts';

/** Destination, bank and slice of the bank. */
export interface GenerateOptions extends BankOptions {
  /** First customer, and the customer after the last. The division into slices does not change the data. Default: all. */
  from?: number;
  to?: number;
  /** Customers per chunk. Default 100,000. */
  chunk?: number;
  /** Folder. Made if absent; files of the same names are replaced. */
  folder: string;
  /** Number of states of the customers table, a year apart, in customers-history.parquet. Default 0: no such file. */
  snapshots?: number;
  /** Called after each chunk of customers. */
  onProgress?: (customers: number, of: number) => void;
}

/**
 * Rows written, per table. The files are customers.parquet, products.parquet, holdings.parquet and, if requested,
 * customers-history.parquet.
 */
export interface GeneratedBank {
  customers: number;
  products: number;
  holdings: number;
}

const tableNames = ['customers', 'products', 'holdings'] as const;
const historyName = 'customers-history';

/** Files of one chunk. */
interface ChunkFiles {
  customers: string;
  holdings: string;
  /** Files by year, the latest first. */
  snapshots: string[];
}

/** Day some years before another. */
function yearsBefore(day: number, years: number): number {
  const [year, ...rest] = dateOfDay(day).split('-');
  return dayOf([Number(year) - years, ...rest].join('-')) ?? dayOf(`${Number(year) - years}-02-28`)!;
}

/** Writes the parts of one chunk; returns its holdings. */
async function writeChunk(
  engine: DuckdbEngine,
  bank: SampleBank,
  catalog: Catalog,
  from: number,
  to: number,
  files: ChunkFiles,
): Promise<number> {
  const holdings = drawHoldings(bank, catalog, from, to);
  await writePart(engine, files.holdings, holdings.rows, holdingTableColumns(holdings, catalog));
  await writePart(engine, files.customers, to - from, customerTableColumns(drawCustomers(bank, catalog, holdings)));
  for (const [i, file] of files.snapshots.entries()) {
    const day = yearsBefore(bank.referenceDay, i + 1);
    const columns = historyColumns(drawCustomers(bank, catalog, holdings, day), day);
    await writePart(engine, file, to - from, columns, `JOIN_DT <= ${day}`);
  }
  return holdings.rows;
}

async function writeTables(engine: DuckdbEngine, options: GenerateOptions, folder: string): Promise<GeneratedBank> {
  const bank = bankOf(options);
  const catalog = drawCatalog(bank);
  const first = options.from ?? 0;
  const end = Math.min(options.to ?? bank.customers, bank.customers);
  const chunk = options.chunk ?? 100_000;
  const parts: ChunkFiles[] = [];
  let holdings = 0;
  for (let from = first; from < end; from += chunk) {
    const to = Math.min(from + chunk, end);
    const file = (name: string) => join(folder, `${name}-${from}.parquet`);
    const snapshots = Array.from({ length: options.snapshots ?? 0 }, (_, i) => file(`${historyName}-${i + 1}`));
    const part = { customers: file('customers'), holdings: file('holdings'), snapshots };
    holdings += await writeChunk(engine, bank, catalog, from, to, part);
    parts.push(part);
    options.onProgress?.(to - first, end - first);
  }
  for (const table of ['customers', 'holdings'] as const) {
    const files = parts.map((part) => part[table]);
    await joinParquetParts(engine, files, join(folder, `${table}.parquet`));
  }
  const snapshots = parts.flatMap((part) => part.snapshots);
  if (snapshots.length > 0) await joinParquetParts(engine, snapshots, join(folder, `${historyName}.parquet`));
  await writePart(engine, join(folder, 'products.parquet'), catalog.codes.length, productTableColumns(catalog));
  return { customers: end - first, products: catalog.codes.length, holdings };
}

/**
 * Writes a bank, or a slice of it, as Parquet. Memory is bounded by the chunk, and files appear when they are complete.
 * The same options give the same bytes.
 * @throws AppError usage for options out of range, cannot-write if the folder cannot be written
 */
export async function generateBank(options: GenerateOptions): Promise<GeneratedBank> {
  await makeFolder(options.folder);
  const working = await mkdtemp(join(options.folder, '.generating-'));
  // One thread: the row groups of a Parquet file are then always the same.
  const engine = await openDuckdb({ memory: '2GB', threads: 1, tempDirectory: join(working, 'spill') });
  try {
    const written = await writeTables(engine, options, working);
    const files = (options.snapshots ?? 0) > 0 ? [...tableNames, historyName] : tableNames;
    for (const table of files) await rename(join(working, `${table}.parquet`), join(options.folder, `${table}.parquet`));
    return written;
  } finally {
    await engine.close();
    await rm(working, { recursive: true, force: true });
  }
}
