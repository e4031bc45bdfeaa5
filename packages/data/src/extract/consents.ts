import type { ColumnType, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { namesIn } from '../engine/sql-tokens.ts';
import { isNamedConsent } from './column-words.ts';
import { withDerivedTexts } from './expression.ts';
import type { ExtractRequest } from './request.ts';

/** Largest number of distinct values of a consent column: yes, no, and a value for unknown. */
const namedValues = 3;

/**
 * Columns of customers that may contain consent to be contacted: their names say so, and they have few values. Empty if a rule
 * uses one of them.
 * @param from SQL after FROM for the customers table with its derived columns
 */
export async function unusedConsents(
  engine: Engine,
  from: string,
  columns: readonly ColumnType[],
  request: ExtractRequest,
  options: StatementOptions,
): Promise<string[]> {
  const { dialect } = engine;
  const named = columns
    .filter(({ name, type }) => isNamedConsent(name) && dialect.kindOf(type) !== 'date')
    .map(({ name }) => name);
  const used = namesInRules(engine, request);
  if (named.length === 0 || named.some((name) => used.has(name.toLowerCase()))) return [];
  const values = Object.fromEntries(named.map((name, i) => [`n${i}`, `count(DISTINCT ${dialect.identifier(name)})`]));
  const counts = await queryCounts(engine, values, from, options);
  return named.filter((_, i) => counts[`n${i}`]! > 0 && counts[`n${i}`]! <= namedValues);
}

/**
 * Names, in lower case, in SQL that selects rows. This is the SQL of rules, of the derived columns that rules use, and of a query
 * of customers with a WHERE.
 */
function namesInRules({ dialect }: Engine, { rules, derive, customers: { sql } }: ExtractRequest): ReadonlySet<string> {
  const used = rules.flatMap(({ require }) => withDerivedTexts(dialect, require, derive));
  const query = sql && namesIn(dialect, sql).has('where') ? [sql] : [];
  return new Set([...used, ...query].flatMap((text) => [...namesIn(dialect, text)]));
}
