import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { StatementOptions } from '../engine/engine.ts';
import type { HiveEngine } from './engine.ts';
import { uploadRows } from './upload.ts';

/** Where rows go. */
export interface Destination {
  /** Quoted; its columns are `columns`, by name with their types in Hive. */
  table: string;
  /** A static partition in parentheses, if the table has partitions. */
  partition?: string | undefined;
  columns: Readonly<Record<string, string>>;
  /** A folder that HiveServer2 reads under the same path: rows go as one Parquet file; without it, through statements. */
  shared?: string | undefined;
}

/** Brings the rows of a workbench query (its columns are the destination's, in order) into a table of Hive. */
export async function bringRows(
  hive: HiveEngine,
  workbench: DuckdbEngine,
  select: string,
  { table, partition, columns, shared }: Destination,
  options: StatementOptions,
): Promise<void> {
  const target = partition === undefined ? table : `${table} PARTITION ${partition}`;
  if (shared === undefined) {
    // a date comes as its number of days: Hive is to get its text
    const { identifier } = workbench.dialect;
    const items = Object.entries(columns).map(([column, type]) =>
      type === 'date' ? `CAST(${identifier(column)} AS VARCHAR) AS ${identifier(column)}` : identifier(column),
    );
    const literals = workbench.query(`SELECT ${items.join(', ')} FROM (${select}) brought`, options);
    await uploadRows(hive, target, Object.keys(columns), literals, options);
    return;
  }
  const name = `bw_brought_${randomUUID().replaceAll('-', '')}`;
  const folder = join(shared, name);
  const quoted = hive.dialect.identifier(name);
  try {
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'rows.parquet');
    await workbench.run(`COPY (${select}) TO ${workbench.dialect.text(file)} (FORMAT parquet)`, { ...options, writing: file });
    await chmod(file, 0o644);
    const declared = Object.entries(columns).map(([column, type]) => `${hive.dialect.identifier(column)} ${type}`);
    const location = hive.dialect.text(`file://${folder}`);
    await hive.run(
      `CREATE TEMPORARY EXTERNAL TABLE ${quoted} (${declared.join(', ')}) STORED AS PARQUET LOCATION ${location}`,
      options,
    );
    await hive.run(`INSERT OVERWRITE TABLE ${target} SELECT * FROM ${quoted}`, { ...options, repeatable: true });
  } finally {
    await hive.run(`DROP TABLE IF EXISTS ${quoted}`, { place: options.place ?? 'output', repeatable: true }).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}
