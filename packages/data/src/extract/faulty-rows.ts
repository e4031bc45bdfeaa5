import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';

/** Most rows that a message or a fault names. */
export const shownRows = 5;

/**
 * First row numbers that satisfy a condition, from 1 in the order of the source. For messages, which must not quote values.
 * Empty for engines whose tables have no order.
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

/** Row numbers that satisfy a condition, as the end of a message. */
export async function faultyRows(engine: Engine, from: string, condition: string, options?: StatementOptions): Promise<string> {
  const rows = await faultyRowNumbers(engine, from, condition, shownRows + 1, options);
  if (rows.length === 0) return '';
  return ` (row ${rows.slice(0, shownRows).join(', ')}${rows.length > shownRows ? ', ...' : ''})`;
}
