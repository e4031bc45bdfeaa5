import { createReadStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { escapedStarts } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import type { Dialect } from '../engine/dialect.ts';
import { openFile } from '../files/open-file.ts';

/** Form of a CSV file of results. The header shows it, because the names of its columns are ours. */
export interface CsvForm {
  /** Whether the file begins with the byte order mark of UTF-8. */
  bom: boolean;
  delimiter: string;
  /** Names of the columns, in order. */
  columns: readonly string[];
  /** Names of the columns whose texts are all in quotes. */
  quoted: readonly string[];
}

/** Bytes in which a header ends. */
const headerBytes = 4096;

/** Form of a CSV file of results, from its header; undefined if it has no such header. */
export async function formOfCsv(path: string): Promise<CsvForm | undefined> {
  const handle = await openFile(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    const [, mark, line = ''] = /^(\ufeff?)(.*)\n/.exec(buffer.toString('utf8', 0, bytesRead)) ?? [];
    const delimiter = /[,;\t|]/.exec(line)?.[0] ?? ',';
    const cells = line.split(delimiter);
    if (!cells.every((cell) => /^("?)\w+\1$/.test(cell))) return undefined;
    const nameOf = (cell: string) => cell.replaceAll('"', '');
    const quoted = cells.filter((cell) => cell.startsWith('"')).map(nameOf);
    return { bom: mark !== '', delimiter, columns: cells.map(nameOf), quoted };
  } finally {
    await handle.close();
  }
}

/** SQL relation, in DuckDB, of a CSV file of results as `writeCsv` writes it. @param columns names and types */
export function csvRelation(
  { text, identifier }: Pick<Dialect, 'text' | 'identifier'>,
  path: string,
  { delimiter }: Pick<CsvForm, 'delimiter'>,
  columns: readonly { name: string; parquet: string }[],
): string {
  // The types of the columns are given, because guessed types would lose leading zeros of codes. `""` is an empty text, not a null.
  const typed = columns.map(({ name, parquet: type }) => `${identifier(name)}: '${type}'`);
  const how = `header = true, auto_detect = false, quote = '"', escape = '"', allow_quoted_nulls = false, delim = ${text(delimiter)}`;
  return `read_csv(${text(path)}, ${how}, columns = {${typed.join(', ')}})`;
}

/** Writes the rows of a query to a CSV file, in their order. @throws AppError cannot-write, errors of the query */
export async function writeCsv(
  engine: Pick<DuckdbEngine, 'dialect' | 'run'>,
  query: string,
  path: string,
  { bom, delimiter, quoted }: Omit<CsvForm, 'columns'>,
  options: { signal?: AbortSignal; writing: string },
): Promise<void> {
  const { text, identifier } = engine.dialect;
  const style = `DELIMITER ${text(delimiter)}${quoted.length > 0 ? `, FORCE_QUOTE (${quoted.map(identifier).join(', ')})` : ''}`;
  const unmarked = bom ? `${path}.unmarked` : path;
  await engine.run(`COPY (${query}) TO ${text(unmarked)} (FORMAT csv, HEADER, PRESERVE_ORDER true, ${style})`, options);
  if (bom) await markUtf8(unmarked, path);
}

/** Copies a text file, with the byte order mark of UTF-8 before it. */
async function markUtf8(from: string, to: string): Promise<void> {
  const marked = async function* () {
    yield Buffer.from('\ufeff');
    yield* createReadStream(from, { highWaterMark: 1 << 20 });
  };
  await writeFile(to, marked(), { mode: 0o600 });
  await rm(from);
}

/**
 * SQL of a text as `escapedCell` writes it. The SQL compares characters with a list value, because the engine turns an IN of many
 * values into a join, which changes the order of rows.
 */
export const escapedText = (column: string) =>
  `CASE WHEN list_contains([${escapedStarts.join(', ')}], ascii(${column})) THEN concat('''', ${column}) ELSE ${column} END`;

/** SQL of a text before `escapedCell` has changed it. */
export const unescapedText = (column: string) => `CASE WHEN ascii(${column}) = 39 THEN substr(${column}, 2) ELSE ${column} END`;
