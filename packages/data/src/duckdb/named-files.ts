import { stat } from 'node:fs/promises';
import { AppError } from '@basketwise/core/base';
import { queryRows } from '../engine/query-rows.ts';
import { ifThere } from '../files/open-file.ts';
import type { DuckdbEngine } from './engine.ts';

/** Files that match a pattern in the engine's syntax. Empty if none match, or if the text is not a file pattern. */
export async function filesOf(engine: DuckdbEngine, pattern: string): Promise<string[]> {
  if (pattern === '') return [];
  const rows = await queryRows(engine, `SELECT file FROM glob(${engine.dialect.text(pattern)})`).catch((cause) => {
    // The text is not a file pattern. For example, the address of a server would need an extension.
    if (cause instanceof AppError) return [];
    throw cause;
  });
  return rows.map(({ file }) => String(file));
}

/** Files that match some patterns. The write-ahead log of a database file is added. */
export async function namedFiles(engine: DuckdbEngine, patterns: Iterable<string>): Promise<string[]> {
  const files = await Promise.all([...new Set(patterns)].map((pattern) => filesOf(engine, pattern)));
  const beside = await Promise.all(files.flat().map(writeAheadLog));
  return [...files.flat(), ...beside.flat()];
}

/**
 * Path of the write-ahead log beside a database file. The log has changes that are not in the file yet. Empty if there is no log.
 * @throws AppError as `ifThere`
 */
export async function writeAheadLog(file: string): Promise<string[]> {
  const log = `${file}.wal`;
  const found = await ifThere(log, stat(log));
  return found?.isFile() ? [log] : [];
}
