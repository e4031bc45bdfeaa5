import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';

/** Largest number of rows whose numbers are given in a message or a fault. */
export const shownRows = 5;

/**
 * Numbers of the first rows that satisfy a condition, counted from 1 in the order of the source. They are for messages, which
 * must not quote values. Empty if the engine's tables have no order.
 */
export async function faultyRowNumbers(
  engine: Engine,
  from: string,
  condition: string,
  most: number,
  options?: StatementOptions,
): Promise<number[]> {
  if (!engine.dialect.isOrdered) return [];
  const numbered = `(SELECT row_number() OVER () AS row_of_table, * FROM ${from})`;
  const sql = `SELECT row_of_table FROM ${numbered} numbered WHERE ${condition} ORDER BY row_of_table LIMIT ${most}`;
  return (await queryRows(engine, sql, options)).map(({ row_of_table }) => Number(row_of_table));
}

/** Text with the numbers of the rows that satisfy a condition, for the end of a message. */
export async function faultyRows(engine: Engine, from: string, condition: string, options?: StatementOptions): Promise<string> {
  const rows = await faultyRowNumbers(engine, from, condition, shownRows + 1, options);
  if (rows.length === 0) return '';
  return ` (row ${rows.slice(0, shownRows).join(', ')}${rows.length > shownRows ? ', ...' : ''})`;
}
