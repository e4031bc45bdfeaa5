import { stat } from 'node:fs/promises';
import { AppError } from '@basketwise/core/error';
import { queryRows } from '../engine/query-rows.ts';
import { ifThere } from '../files/if-there.ts';
import type { DuckdbEngine } from './engine.ts';

/** Files that match a pattern, in the syntax of the engine. Empty if none match, or the text is no file pattern. */
export async function filesOf(engine: DuckdbEngine, pattern: string): Promise<string[]> {
  if (pattern === '') return [];
  const rows = await queryRows(engine, `SELECT file FROM glob(${engine.dialect.text(pattern)})`).catch((cause) => {
    // Such as the address of a server, which would need an extension.
    if (cause instanceof AppError) return [];
    throw cause;
  });
  return rows.map(({ file }) => String(file));
}

/** Files that match patterns. For a database file, also its log. */
export async function namedFiles(engine: DuckdbEngine, patterns: Iterable<string>): Promise<string[]> {
  const files = await Promise.all([...new Set(patterns)].map((pattern) => filesOf(engine, pattern)));
  const beside = await Promise.all(files.flat().map(writeAheadLog));
  return [...files.flat(), ...beside.flat()];
}

/** Log beside a database file, with changes not yet written to the file; empty if absent. @throws AppError as `ifThere` */
export async function writeAheadLog(file: string): Promise<string[]> {
  const log = `${file}.wal`;
  const found = await ifThere(log, stat(log));
  return found?.isFile() ? [log] : [];
}
