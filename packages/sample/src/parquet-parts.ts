import { rename, rm } from 'node:fs/promises';
import { appendColumns, type DuckdbEngine } from '@basketwise/data';
import type { WrittenColumn } from './bank-columns.ts';

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
