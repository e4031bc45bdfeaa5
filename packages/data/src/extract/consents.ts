import type { Dialect, TypeKind } from '../engine/dialect.ts';
import type { ColumnType, Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import { namesIn, sqlWords } from '../engine/sql-tokens.ts';
import type { ConsentColumn, UnnamedStatus } from '../snapshot/manifest.ts';
import { type ConsentMeaning, type ConsentSense, consentMeaning, consentSense, statusWords, wordScore } from './consent-sense.ts';
import { withDerivedTexts } from './expression.ts';
import type { ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { dateColumn } from './statement.ts';

/** Largest number of distinct values of a consent column: yes, no, and a value for unknown. */
const namedValues = 3;

/**
 * Columns of customers that may say who may be contacted: their names say so, and they have few values, or days of objections. If a
 * rule uses one of them, only columns of objections that no rule uses.
 * @param from SQL after FROM for the customers table with its derived columns
 */
export async function unusedConsents(
  engine: Engine,
  from: string,
  columns: readonly ColumnType[],
  request: ExtractRequest,
  options: StatementOptions,
): Promise<ConsentColumn[]> {
  const { dialect } = engine;
  const named = columns.flatMap(({ name, type }) => {
    const [sense, kind] = [consentSense(name), dialect.kindOf(type)];
    return sense && (kind !== 'date' || sense === 'says-no') ? [{ name, kind, sense }] : [];
  });
  const used = namesInRules(engine, request);
  const isUsed = ({ name }: { name: string }) => used.has(name.toLowerCase());
  const isBeside = named.some(isUsed);
  const open = named.filter((column) => !isUsed(column) && (!isBeside || column.sense === 'says-no'));
  if (open.length === 0) return [];
  const values = Object.fromEntries(open.map(({ name }, i) => [`n${i}`, `count(DISTINCT ${dialect.identifier(name)})`]));
  const counts = await queryCounts(engine, values, from, options);
  const consents: ConsentColumn[] = [];
  for (const [i, { name, kind, sense }] of open.entries()) {
    const distinct = counts[`n${i}`]!;
    if (distinct === 0 || (kind !== 'date' && distinct > namedValues)) continue;
    const meaning = await meaningOf(engine, from, { name, kind, sense }, options);
    const readings = meaning.readings.map(({ value, rows }) => ({
      require: requireOf(dialect, name, kind, value),
      customers: rows,
    }));
    consents.push({ column: name, sense: meaning.sense, readings, ...(isBeside && { isBeside }) });
  }
  return consents;
}

/** Reads the values of a column. */
async function meaningOf(
  engine: Engine,
  from: string,
  { name, kind, sense }: { name: string; kind: TypeKind; sense: ConsentSense },
  options: StatementOptions,
): Promise<ConsentMeaning> {
  const { dialect } = engine;
  const column = dialect.identifier(name);
  const value = kind === 'date' ? `CASE WHEN ${column} IS NOT NULL THEN 'day' END` : dialect.asText(column);
  const rows = await queryRows(
    engine,
    `SELECT v, count(*) AS n FROM (SELECT ${value} AS v FROM ${from}) t GROUP BY v ORDER BY v`,
    options,
  );
  const isBlank = (text: unknown) => text === null || String(text).trim() === '';
  const filled = rows.filter(({ v }) => !isBlank(v)).map(({ v, n }) => ({ value: String(v), rows: Number(n) }));
  const blank = rows.filter(({ v }) => isBlank(v)).reduce((sum, { n }) => sum + Number(n), 0);
  return consentMeaning(sense, kind === 'date' ? null : filled, blank);
}

/** Predicate that is true for a value of a column. Null: for no value. */
function requireOf(dialect: Dialect, name: string, kind: TypeKind, value: string | null): string {
  const column = /^[a-z_][a-z0-9_]*$/i.test(name) ? name : dialect.identifier(name);
  if (value !== null) return `${column} = ${kind === 'text' ? dialect.text(value) : value}`;
  return kind === 'text' ? `coalesce(trim(${column}), '') = ''` : `${column} IS NULL`;
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

/** Largest number of distinct values of a status. A column with more holds something else. */
const mostStatuses = 30;

/**
 * Columns of holdings whose names say that they are a status, with rows that count as held although the SQL of the holdings does not
 * name their value. The most frequent value counts as the status of a holding that is held.
 */
export async function unnamedStatuses(
  engine: Engine,
  { from, typeOf }: SourceTable,
  { holdings, referenceDate }: ExtractRequest,
  options: StatementOptions,
): Promise<UnnamedStatus[]> {
  const { dialect } = engine;
  const statement = { ...options, place: 'tables.holdings' };
  const used = [holdings.customer, holdings.product, holdings.date, holdings.closed].map((name) => name?.toLowerCase());
  const columns = (await engine.columns(`${from} holdings`, statement)).filter(
    ({ name, type }) =>
      wordScore(name, statusWords) === 1 &&
      !used.includes(name.toLowerCase()) &&
      ['text', 'integer'].includes(dialect.kindOf(type)),
  );
  const { date } = dateColumn(dialect, holdings.closed, typeOf);
  const isHeld = `(${date} IS NULL OR ${date} > ${dialect.date(referenceDate)})`;
  const where = holdings.where ? `${isHeld} AND (\n${holdings.where}\n)` : isHeld;
  const named = new Set(
    [holdings.sql, holdings.where].flatMap((sql) => (sql ? sqlWords(dialect, sql) : [])).map(({ value }) => value),
  );
  const found: UnnamedStatus[] = [];
  for (const { name: column } of columns) {
    const value = `SELECT ${dialect.asText(dialect.identifier(column))} AS value FROM ${from} holdings WHERE ${where}`;
    const sql = `SELECT value, count(*) AS n FROM (${value}) v GROUP BY value ORDER BY n DESC, value LIMIT ${mostStatuses + 1}`;
    const values = (await queryRows(engine, sql, statement)).map(({ value: text, n }) => ({ text, rows: Number(n) }));
    const sum = (counted: typeof values) => counted.reduce((total, { rows }) => total + rows, 0);
    const filled = values.filter(({ text }) => text !== null && String(text).trim() !== '');
    const unnamed = sum(filled.slice(1).filter(({ text }) => !named.has(String(text))));
    if (values.length <= mostStatuses && unnamed > 0) found.push({ column, held: sum(values), unnamed });
  }
  return found;
}
