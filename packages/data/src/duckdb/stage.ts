import type { ColumnBatch, Engine, StatementOptions } from '../engine/engine.ts';
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
 * Brings a query of the source within reach of the workbench, where everything after extraction runs: as it is when they are the same
 * engine, else by streaming its rows into a table.
 * @param names of the columns in the table, in the query's order: Hive does not keep their case.
 * @returns SQL to put after FROM.
 */
export async function stage(
  source: Engine,
  workbench: DuckdbEngine,
  sql: string,
  names: readonly string[],
  options: StatementOptions = {},
): Promise<string> {
  if (source === workbench) return `(${sql})`;
  const columns = await source.columns(`(${sql}) staged`, options);
  const types = columns.map(({ type }) => sqlTypes[source.dialect.kindOf(type)]);
  const table = workbench.temporaryTable();
  const declared = names.map((name, i) => `${workbench.dialect.identifier(name)} ${types[i]}`);
  await workbench.run(`CREATE TABLE ${table} (${declared.join(', ')})`);
  for await (const batch of source.query(sql, options)) {
    const values = columns.map(({ name }, i) => ({
      values: widened(batch, name, types[i] === 'BIGINT'),
      nulls: batch.nulls[name],
    }));
    await appendColumns(workbench, table, batch.rows, values);
  }
  return table;
}

/** Integers of any width as the 64 bits that the table has. */
function widened(batch: ColumnBatch, name: string, isLong: boolean) {
  const values = batch.columns[name]!;
  return isLong && values instanceof Int32Array ? BigInt64Array.from(values, BigInt) : values;
}
