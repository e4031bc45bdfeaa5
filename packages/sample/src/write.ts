import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dateOfDay } from '@basketwise/core';
import { appendColumns, type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { makeFolder } from '@basketwise/data/base';
import {
  customerTableColumns,
  historyColumns,
  holdingTableColumns,
  productTableColumns,
  type WrittenColumn,
} from './bank-columns.ts';

import { dayOf } from './calendar.ts';
import { type Catalog, drawCatalog } from './catalog.ts';
import { drawCustomers } from './customers.ts';
import { drawHoldings } from './holdings.ts';
import { type BankOptions, bankOf, type SampleBank } from './options.ts';

export { contactsFile, type Reaction, reactionDays, reactionSql, reactTo, startContacts } from './reactions.ts';

/** Bank to generate, the slice of its customers to write, and the output folder. */
export interface GenerateOptions extends BankOptions {
  /**
   * Slice of the customers: the first number, and the number after the last. Customers are the same in every slice that contains them. Default: all.
   */
  from?: number;
  to?: number;
  /** Number of customers per chunk. Default 100,000. */
  chunk?: number;
  /** Output folder. Created if absent. Files with the names of the bank's files are replaced. */
  folder: string;
  /** Number of earlier states of the customer table in customers-history.parquet, each a year before the next. Default 0: no such file. */
  snapshots?: number;
  /** Called after each chunk with the number of customers so far and in total. */
  onProgress?: (customers: number, total: number) => void;
}

/** Number of rows written to customers.parquet, products.parquet and holdings.parquet. customers-history.parquet is not counted. */
export interface GeneratedBank {
  customers: number;
  products: number;
  holdings: number;
}

const tableNames = ['customers', 'products', 'holdings'] as const;
const historyName = 'customers-history';

/** Temporary files of one chunk of customers. */
interface ChunkFiles {
  customers: string;
  holdings: string;
  /** Files of earlier states of the customer table, the latest state first. */
  snapshots: string[];
}

/** Day a number of years before another day. 29 February becomes 28 February. */
function yearsBefore(day: number, years: number): number {
  const [year, ...rest] = dateOfDay(day).split('-');
  return dayOf([Number(year) - years, ...rest].join('-')) ?? dayOf(`${Number(year) - years}-02-28`)!;
}

/** Writes the files of one chunk. Returns its number of holdings. */
async function writeChunk(
  engine: DuckdbEngine,
  bank: SampleBank,
  catalog: Catalog,
  from: number,
  to: number,
  files: ChunkFiles,
): Promise<number> {
  const holdings = drawHoldings(bank, catalog, from, to);
  await writePart(engine, files.holdings, holdings.rows, holdingTableColumns(holdings, catalog, bank.language));
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
 * Writes the tables of a bank, or of a slice of it, as Parquet files. Memory is bounded by the size of a chunk. Files appear only when they are
 * complete. The same options give the same bytes.
 * @throws AppError usage for options out of range, cannot-write if the folder cannot be written
 */
export async function generateBank(options: GenerateOptions): Promise<GeneratedBank> {
  await makeFolder(options.folder);
  const working = await mkdtemp(join(options.folder, '.generating-'));
  // With one thread, the row groups of a Parquet file are always the same.
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

/** Writes columns to a Parquet file: all rows, or only those for which the SQL condition `where` holds. */
export async function writePart(
  engine: DuckdbEngine,
  file: string,
  rows: number,
  columns: readonly WrittenColumn[],
  where = 'true',
): Promise<void> {
  const table = engine.temporaryTable();
  await engine.run(`create table ${table} (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`);
  await appendColumns(engine, table, rows, columns);
  await engine.copyToParquet(
    `select ${columns.map(({ name, sql }) => `${sql} as ${name}`).join(', ')} from ${table} where ${where}`,
    file,
  );
  await engine.run(`drop table ${table}`);
}

/** Concatenates Parquet files to one file, in order, and removes the originals. */
export async function joinParquetParts(engine: DuckdbEngine, parts: readonly string[], file: string): Promise<void> {
  if (parts.length === 1) return rename(parts[0]!, file);
  await engine.copyToParquet(`select * from read_parquet([${parts.map((part) => engine.dialect.text(part))}])`, file);
  await Promise.all(parts.map((part) => rm(part)));
}
