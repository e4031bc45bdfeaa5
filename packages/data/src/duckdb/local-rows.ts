import { type FileHandle, open, rm } from 'node:fs/promises';
import { bug } from '@basketwise/core';
import type { ColumnBatch, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { writeFailure } from '../files/sync-path.ts';
import type { DuckdbEngine } from './engine.ts';
import { appendColumns } from './table-appender.ts';

const sqlTypes = {
  integer: 'BIGINT',
  number: 'DOUBLE',
  text: 'VARCHAR',
  date: 'DATE',
  boolean: 'BOOLEAN',
  other: 'VARCHAR',
} as const;

/**
 * Makes the rows of a source's query readable in the workbench, the DuckDB of all steps after the extraction. If the source is
 * that DuckDB, the query itself is returned. Otherwise its rows are loaded into a table. They pass through files if the source can
 * write files, and otherwise come batch by batch.
 * @param names names for the columns of the table, in the query's order; needed because Hive changes their case
 * @returns SQL to put after FROM
 */
export async function localRows(
  source: Engine,
  workbench: DuckdbEngine,
  sql: string,
  names: readonly string[],
  options: StatementOptions = {},
): Promise<string> {
  if (source === workbench) return `(${sql})`;
  const columns = await source.columns(`(${sql}) wanted`, options);
  const types = columns.map(({ type }) => sqlTypes[source.dialect.kindOf(type)]);
  const table = workbench.temporaryTable();
  const declared = names.map((name, i) => `${workbench.dialect.identifier(name)} ${types[i]}`);
  await workbench.run(`CREATE TABLE ${table} (${declared.join(', ')})`);
  if (source.copyOut) {
    await copyRows(source as Copying, workbench, sql, { table, types }, options);
    return table;
  }
  for await (const batch of source.query(sql, options)) {
    const values = columns.map(({ name }, i) => ({
      values: widened(batch, name, types[i] === 'BIGINT'),
      nulls: batch.nulls[name],
    }));
    await appendColumns(workbench, table, batch.rows, values);
  }
  return table;
}

/** Converts integers of any width to 64 bits, the width of the table's column. */
function widened(batch: ColumnBatch, name: string, isLong: boolean) {
  const values = batch.columns[name]!;
  return isLong && values instanceof Int32Array ? BigInt64Array.from(values, BigInt) : values;
}

type Copying = Engine & Required<Pick<Engine, 'copyOut'>>;

/**
 * Copies the rows through files. The workbench reads each complete file, with the types of the table, while further rows arrive.
 */
async function copyRows(
  source: Copying,
  workbench: DuckdbEngine,
  sql: string,
  { table, types }: { table: string; types: readonly string[] },
  options: StatementOptions,
): Promise<void> {
  const { text } = workbench.dialect;
  const columns = types.map((type, i) => `c${i}: '${type}'`);
  const format = `header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false`;
  const insert = async (file: string) => {
    const read = `read_csv(${text(file)}, ${format}, new_line = '\\n', columns = {${columns.join(', ')}})`;
    await workbench.run(`INSERT INTO ${table} FROM ${read}`, options);
    await rm(file);
  };
  const files: string[] = [];
  const next = () => {
    const file = workbench.temporaryFile('.csv');
    files.push(file);
    return file;
  };
  let inserting: Promise<void> = Promise.resolve();
  try {
    const sent = await source.copyOut(
      sql,
      async (rows) => {
        for await (const file of rowFiles(rows, next)) {
          await inserting;
          inserting = insert(file);
          inserting.catch(() => undefined); // The next caller that awaits it gets the error.
        }
        await inserting;
      },
      options,
    );
    const arrived = (await queryCounts(workbench, { rows: 'count(*)' }, table, options)).rows;
    if (arrived === sent) return;
    throw bug(`${options.place}: ${sent} rows were sent, ${arrived} arrived`);
  } finally {
    await inserting.catch(() => undefined); // Throw the earlier failure, if any.
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
}

const [quote, newline] = [0x22, 0x0a];

/** Number of bytes of a file. Files are small, so that little remains to be read when the last row arrives. */
const fileBytes = 2 ** 25;

/**
 * Writes the rows of a CSV stream to consecutive files with mode 0600. No row is divided between files. Yields each file when it
 * is complete, and writes the next one while the caller reads it.
 * @param rows bytes in arbitrary chunks
 * @param next returns the path of the next file
 * @throws AppError cannot-write
 */
export async function* rowFiles(
  rows: AsyncIterable<Uint8Array>,
  next: () => string,
  bytes: number = fileBytes,
): AsyncGenerator<string> {
  let file: { path: string; handle: FileHandle; length: number } | undefined;
  let isQuoted = false;
  const write = async (part: Uint8Array) => {
    const path = file?.path ?? next();
    try {
      file ??= { path, handle: await open(path, 'w', 0o600), length: 0 };
      await file.handle.writeFile(part);
    } catch (cause) {
      throw writeFailure(path, cause);
    }
    file.length += part.length;
  };
  try {
    for await (const part of rows) {
      const end = (file?.length ?? 0) + part.length < bytes ? -1 : endOfRow(part, isQuoted);
      isQuoted = isQuoted !== hasOddQuotes(part);
      if (end < 0) {
        await write(part);
        continue;
      }
      await write(part.subarray(0, end));
      const { path, handle } = file!;
      file = undefined;
      await handle.close();
      yield path;
      if (end < part.length) await write(part.subarray(end));
    }
    if (!file) return;
    const { path, handle } = file;
    file = undefined;
    await handle.close();
    yield path;
  } finally {
    await file?.handle.close();
  }
}

/** Position after the first newline outside quotes; -1 if there is none. */
function endOfRow(part: Uint8Array, isQuoted: boolean): number {
  let isInside = isQuoted;
  for (let i = 0; i < part.length; i++) {
    if (part[i] === quote) isInside = !isInside;
    else if (part[i] === newline && !isInside) return i + 1;
  }
  return -1;
}

function hasOddQuotes(part: Uint8Array): boolean {
  let isOdd = false;
  for (let at = part.indexOf(quote); at >= 0; at = part.indexOf(quote, at + 1)) isOdd = !isOdd;
  return isOdd;
}
