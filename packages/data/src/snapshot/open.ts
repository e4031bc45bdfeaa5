import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type HistoryBatch, type HoldingBatch, noDate, type Product, stillOpen } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '../duckdb/engine.ts';
import type { ColumnBatch, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import type { DuckdbOptions } from '../engine/source.ts';
import { isSnapshotManifest, type SnapshotManifest, snapshotTables } from './manifest.ts';
import { openOn, parquetFiles, type Snapshot } from './snapshot.ts';

/** Options for opening a snapshot. */
export interface SnapshotOptions extends Omit<DuckdbOptions, 'path' | 'encoding'> {
  /** Whether only products are needed. This is the case for a pushdown run, whose customers and holdings are in Hive. */
  productsOnly?: boolean;
}

/**
 * Opens a snapshot folder for reading, in a DuckDB of its own.
 * @throws AppError missing-input if there is no snapshot, or if customers are needed but stayed in Hive
 */
export async function openSnapshot(folder: string, { productsOnly = false, ...options }: SnapshotOptions): Promise<Snapshot> {
  const manifest = await readManifest(folder);
  if (manifest.inHive && !productsOnly) {
    throw new AppError(
      'missing-input',
      `${folder} has no customers: they stayed on the server (pushdown)`,
      'For commands about single customers, run once without pushdown, in a separate output.dir.',
    );
  }
  const engine = await openDuckdb(options);
  try {
    for (const [table, files] of snapshotTables(manifest)) {
      if (productsOnly && table !== 'products') continue;
      const rows = parquetFiles(engine.dialect, folder, files);
      await engine.run(`CREATE VIEW ${table} AS SELECT * FROM ${rows}`, { place: `snapshot ${folder}` });
    }
  } catch (cause) {
    await engine.close();
    throw cause;
  }
  return {
    folder,
    manifest,
    engine,
    customerCount: manifest.customers.kept,
    products: () => readProducts(engine),
    holdings: (asOf, statement) => streamHoldings(engine, asOf, statement),
    history: (asOf, statement) => streamHistory(engine, asOf, statement),
    customers: (columns, statement) => streamCustomers(engine, columns, statement),
    close: () => engine.close(),
  };
}

async function readManifest(folder: string): Promise<SnapshotManifest> {
  const file = join(folder, 'manifest.json');
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new AppError('missing-input', `there is no snapshot in ${folder}`, 'Run the extraction first.', { cause });
  });
  try {
    const manifest: unknown = JSON.parse(text);
    if (isSnapshotManifest(manifest)) return manifest;
  } catch {
    // Text that is not JSON is reported below, as an unsupported version is.
  }
  throw new AppError('bad-data', `${file} is damaged or of another version`, 'Run the extraction again.');
}

async function readProducts(engine: DuckdbEngine): Promise<Product[]> {
  const rows = await queryRows(
    engine,
    // Snapshots of earlier versions have no column `upcoming`.
    'SELECT * FROM products ORDER BY product',
  );
  return rows.map((row) => ({
    product: Number(row.product),
    code: String(row.code),
    name: String(row.name),
    class: String(row.class),
    groupKey: String(row.group_key),
    onSale: row.on_sale === 1,
    ...(row.upcoming === 1 && { upcoming: true }),
    representative: row.representative === null ? null : Number(row.representative),
  }));
}

const openedDays = `CAST(coalesce(opened - DATE '1970-01-01', ${noDate}) AS INTEGER) AS days`;

async function* streamHoldings(
  engine: DuckdbEngine,
  asOf: string,
  { customer, ...options }: StatementOptions & { customer?: number } = {},
): AsyncGenerator<HoldingBatch> {
  const of = customer === undefined ? '' : ` AND customer = ${customer}`;
  const sql = `SELECT customer, product, ${openedDays} FROM holdings WHERE ${openOn(engine.dialect.date(asOf))}${of}`;
  for await (const { columns } of engine.query(sql, options)) yield columns as unknown as HoldingBatch;
}

async function* streamHistory(
  engine: DuckdbEngine,
  asOf: string,
  { after, ...options }: StatementOptions & { after?: string } = {},
): AsyncGenerator<HistoryBatch> {
  const { date } = engine.dialect;
  const closed = `CASE WHEN closed <= ${date(asOf)} THEN closed - DATE '1970-01-01' ELSE ${stillOpen} END`;
  const opened =
    after === undefined ? `(opened > ${date(asOf)}) IS NOT TRUE` : `opened > ${date(after)} AND opened <= ${date(asOf)}`;
  const sql = `SELECT customer, product, ${openedDays}, CAST(${closed} AS INTEGER) AS closed FROM holdings WHERE ${opened}`;
  for await (const { columns } of engine.query(sql, options)) yield columns as unknown as HistoryBatch;
}

async function* streamCustomers(
  engine: DuckdbEngine,
  columns: readonly string[],
  { from = 0, to, ...options }: StatementOptions & { from?: number; to?: number } = {},
): AsyncGenerator<ColumnBatch> {
  const below = to === undefined ? '' : ` AND customer < ${to}`;
  yield* engine.query(
    `SELECT ${columns.map(engine.dialect.identifier).join(', ')} FROM customers WHERE customer >= ${from}${below}`,
    options,
  );
}
