import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';

/**
 * Distinct texts of a column, ascending, with their numbers of rows.
 * @param where predicate that selects the rows
 */
export async function countedTexts(
  engine: Engine,
  from: string,
  column: string,
  options: StatementOptions,
  where = 'TRUE',
): Promise<{ text: string; rows: number }[]> {
  const { dialect } = engine;
  const texts = `(SELECT ${dialect.asText(dialect.identifier(column))} AS k FROM ${from} t WHERE ${where}) texts`;
  const sql = `SELECT k, count(*) AS n FROM ${texts} WHERE k IS NOT NULL GROUP BY k ORDER BY k`;
  return (await queryRows(engine, sql, options)).map(({ k, n }) => ({ text: String(k), rows: Number(n) }));
}
