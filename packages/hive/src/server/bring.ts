import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type ColumnBatch, type DuckdbEngine, makePath, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';
import { tableSql } from './table-sql.ts';

/** Destination of transferred rows, and how they get there. */
export interface Destination {
  /** Name of the table, quoted. `columns` has its columns and their types in Hive. */
  table: string;
  /** Partition for all rows, in SQL with parentheses. Absent: the table has no partitions. */
  partition?: string | undefined;
  columns: Readonly<Record<string, string>>;
  /**
   * Folder that HiveServer2 reads under the same path. The rows are then transferred as one Parquet file. Absent: they are
   * transferred in INSERT statements.
   */
  shared?: string | undefined;
  /** Identifies the publisher, by letters and digits. A publisher makes one transfer at a time. */
  publisher: string;
}

/**
 * Transfers the rows of a DuckDB query to a table of Hive. The query's columns are those of the destination, in the same order.
 */
export async function bringRows(
  hive: HiveEngine,
  workbench: DuckdbEngine,
  select: string,
  destination: Destination,
  options: StatementOptions,
): Promise<void> {
  const { table, partition, columns, shared, publisher } = destination;
  const target = partition === undefined ? table : `${table} PARTITION ${partition}`;
  if (shared === undefined) {
    await uploadRows(
      hive,
      target,
      Object.keys(columns),
      workbench.query(literalRows(workbench, select, columns), options),
      options,
    );
    return;
  }
  const name = `bw_brought_${publisher}_${randomUUID().replaceAll('-', '')}`;
  const folder = join(shared, name);
  const { identifier } = hive.dialect;
  const declared = Object.entries(columns)
    .map(([column, type]) => `${identifier(column)} ${type}`)
    .join(', ');
  const location = `file://${folder}`;
  const { before, from, after } = tableSql(hive).folderRows(identifier(name), declared, location, hive.dialect);
  try {
    await writing(folder, () => makeShared(shared, folder));
    await writing(shared, () => removeLeft(shared, publisher, name));
    const file = join(folder, 'rows.parquet');
    await workbench.copyToParquet(select, file, options);
    await writing(file, () => openToServer(file, folder));
    for (const sql of before) await hive.run(sql, options);
    await hive.run(`INSERT OVERWRITE TABLE ${target} SELECT * FROM ${from}`, { ...options, repeatable: true });
  } finally {
    await writing(folder, () => rm(folder, { recursive: true, force: true }));
    for (const sql of after) await hive.run(sql, { place: options.place ?? 'output', repeatable: true }).catch(() => {});
  }
}

/** Query whose rows can be written as literals. A date is its number of days, which is sent to Hive as text. */
function literalRows({ dialect: { identifier } }: DuckdbEngine, select: string, columns: Destination['columns']): string {
  const items = Object.entries(columns).map(([column, type]) =>
    type === 'date' ? `CAST(${identifier(column)} AS VARCHAR) AS ${identifier(column)}` : identifier(column),
  );
  return `SELECT ${items.join(', ')} FROM (${select}) brought`;
}

/**
 * Makes the folder of one transfer. Other users cannot enter it until its file is complete. Also makes `shared` if absent; the
 * server must be able to enter it.
 */
async function makeShared(shared: string, folder: string): Promise<void> {
  const first = await makePath(shared, 0o777);
  for (let made = shared; first !== undefined && made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
  await mkdir(folder, { mode: 0o700 });
}

/**
 * Makes a file readable for a server that may run as another user. The permissions of the parent folder limit who can reach the
 * file. The umask has no influence.
 */
async function openToServer(file: string, folder: string): Promise<void> {
  await chmod(file, 0o644);
  await chmod(folder, 0o755);
}

/** Milliseconds after which the files of another publisher count as left by a killed run. */
const abandonedMilliseconds = 24 * 60 * 60 * 1000;

/** Removes files left by killed runs, because they have complete results that others could read. */
async function removeLeft(shared: string, publisher: string, own: string): Promise<void> {
  const names = await readdir(shared).catch((error: NodeJS.ErrnoException) => {
    // The folder can be written, but not listed.
    if (error.code === 'EACCES') return [];
    throw error;
  });
  for (const name of names) {
    const owner = /^bw_brought_([0-9a-z]+)_[0-9a-f]{32}$/.exec(name)?.[1];
    if (owner === undefined || name === own) continue;
    const path = join(shared, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || (owner !== publisher && Date.now() - found.mtimeMs < abandonedMilliseconds)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

async function writing(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const hint =
      'output.hive.shared is a folder that the user of this process may write and HiveServer2 may read, under one path.';
    throw new AppError('cannot-write', `cannot write ${path}: ${code}`, hint, { cause });
  }
}

/** Number of rows of one statement. It takes some seconds on a small server, and is well below Hive's limit of 10 MB. */
const statementRows = 10_000;

/**
 * Inserts rows only through statements, for small results such as distinct baskets and products. Values are in the order of the
 * table's columns.
 * @param target SQL after INSERT INTO: a table, or a table with a static partition
 * @returns number of rows inserted
 */
export async function uploadRows(
  hive: HiveEngine,
  target: string,
  columns: readonly string[],
  batches: AsyncIterable<ColumnBatch> | Iterable<ColumnBatch>,
  options: StatementOptions = {},
): Promise<number> {
  let pending: string[] = [];
  let rows = 0;
  const flush = async (): Promise<void> => {
    rows += pending.length;
    if (pending.length > 0) await hive.run(`INSERT INTO ${target} VALUES ${pending.join(', ')}`, options);
    pending = [];
  };
  for await (const batch of batches) {
    const cells = columns.map((name) => ({ values: batch.columns[name]!, nulls: batch.nulls[name] }));
    for (let row = 0; row < batch.rows; row++) {
      pending.push(`(${cells.map(({ values, nulls }) => (nulls?.[row] ? 'NULL' : valueLiteral(hive, values, row))).join(',')})`);
      if (pending.length === statementRows) await flush();
    }
  }
  await flush();
  return rows;
}

/**
 * Literal of a value. Numbers of 64-bit floating-point columns have an exponent. Without it, Hive reads fractions as decimals,
 * and rounds all of a statement to the same number of digits.
 */
function valueLiteral(hive: HiveEngine, values: ColumnBatch['columns'][string], row: number): string {
  const value = values[row]!;
  if (typeof value === 'string') return hive.dialect.text(value);
  if (!(values instanceof Float64Array)) return String(value);
  return Number.isFinite(value) ? (value as number).toExponential() : `CAST('${value}' AS double)`;
}
