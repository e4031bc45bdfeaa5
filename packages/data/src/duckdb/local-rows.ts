import { rm } from 'node:fs/promises';
import { AppError } from '@basketwise/core';
import type { ColumnBatch, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import type { DuckdbEngine } from './engine.ts';
import { rowFiles } from './row-files.ts';
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
    throw new AppError('bug', `${options.place}: ${sent} rows were sent, ${arrived} arrived`, 'Report this with the log.');
  } finally {
    await inserting.catch(() => undefined); // Throw the earlier failure, if any.
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
}
