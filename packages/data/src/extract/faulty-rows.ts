import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';

/** Most rows that a message or a fault names. */
export const shownRows = 5;

/**
 * Row numbers that satisfy a condition, from 1 in the order of the source. For messages, which must not quote values.
 * Empty for engines whose tables have no order.
 */
export async function faultyRows(engine: Engine, from: string, condition: string, options?: StatementOptions): Promise<string> {
  if (!engine.dialect.isOrdered) return '';
  const numbered = `(SELECT row_number() OVER () AS row_of_table, * FROM ${from})`;
  const rows = await queryRows(
    engine,
    `SELECT row_of_table FROM ${numbered} numbered WHERE ${condition} ORDER BY 1 LIMIT ${shownRows + 1}`,
    options,
  );
  if (rows.length === 0) return '';
  const numbers = rows.slice(0, shownRows).map(({ row_of_table }) => row_of_table);
  return ` (row ${numbers.join(', ')}${rows.length > shownRows ? ', ...' : ''})`;
}
