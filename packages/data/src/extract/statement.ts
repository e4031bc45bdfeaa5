import type { Dialect, TypeKind } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import { deriveLevels } from './expression.ts';
import type { ExtractRequest, FeatureRequest, NamedPredicate } from './request.ts';

/** Dates from this day on mean "without end". */
export const farDay = '9990-01-01';

/** Returns the kind of a column's type. Names are compared without case. */
export type TypeOf = (name: string) => TypeKind;

/** SQL, to put after FROM, for the customers table with its derived columns. */
export function derivedFrom(dialect: Dialect, from: string, derive: ExtractRequest['derive']): string {
  return deriveLevels(dialect, derive).reduce(
    (inner, level) =>
      level.length === 0
        ? inner
        : `(SELECT *, ${level.map((column) => predicateItem(dialect, column)).join(', ')} FROM ${inner} customers)`,
    from,
  );
}

function predicateItem(dialect: Dialect, { name, sql }: NamedPredicate): string {
  return `(\n${sql}\n) AS ${dialect.identifier(name)}`;
}

/** Name of the snapshot's column with the result of a rule. */
export function ruleColumn(index: number): string {
  return `rule_${index}`;
}

/** All predicates of a request whose results are stored as columns: predicates of clusters, then predicates of rules. */
export function predicatesOf(request: ExtractRequest): readonly NamedPredicate[] {
  const rules = request.rules.map(({ require }, i) => ({ name: ruleColumn(i), sql: require, place: `rules[${i}].require` }));
  return [...request.predicates, ...rules];
}

/**
 * Query of customers: `id` as text, the columns that are needed, and the results of predicates.
 * @param from relation of customers with their derived columns
 * @param first select items to put first
 * @param where predicate that selects the rows
 */
export function selectCustomers(
  dialect: Dialect,
  from: string,
  request: ExtractRequest,
  first: readonly string[] = [],
  where = '',
): string {
  const columns = request.columns.map(({ name, kind }) => {
    const column = dialect.identifier(name);
    return `${kind === 'number' ? dialect.asNumber(column) : dialect.asText(column)} AS ${column}`;
  });
  const predicates = predicatesOf(request).map((predicate) => predicateItem(dialect, predicate));
  const id = `${dialect.asText(dialect.identifier(request.customers.id))} AS id`;
  return `SELECT ${[...first, id, ...columns, ...predicates].join(', ')} FROM ${from} customers${where && ` WHERE ${where}`}`;
}

/**
 * Predicates over the customers table, by the day of joining. `present`: the customer joined on or before the reference date, or
 * the day is unknown. `later`: the customer joined afterwards. Undefined if the config names no column for the day.
 */
export function joinedWhen(
  dialect: Dialect,
  { customers: { since }, referenceDate }: ExtractRequest,
  typeOf: TypeOf,
): { present: string; later: string } | undefined {
  if (!since) return undefined;
  const { date } = dateColumn(dialect, since, typeOf);
  const later = `(${date}) > ${dialect.date(referenceDate)}`;
  return { present: `((${date}) IS NULL OR NOT (${later}))`, later };
}

/** Names of the columns that `selectCustomers` returns, in order. */
export function customerColumns(request: ExtractRequest): readonly string[] {
  return ['id', ...request.columns.map(({ name }) => name), ...predicatesOf(request).map(({ name }) => name)];
}

/**
 * Predicate over the customers table that is true for the rows that a run uses. They have an id, and no day of joining after the
 * reference date.
 */
export function isUsedRow(dialect: Dialect, request: ExtractRequest, typeOf: TypeOf): string {
  const when = joinedWhen(dialect, request, typeOf);
  return `${dialect.identifier(request.customers.id)} IS NOT NULL${when ? ` AND ${when.present}` : ''}`;
}

/**
 * Predicate that is true if a text is the id of a customer.
 * @param from SQL after FROM for the customers table
 */
export function isKnownId(dialect: Dialect, text: string, from: string, { customers }: ExtractRequest): string {
  const id = dialect.asText(dialect.identifier(customers.id));
  return `${text} IN (SELECT ${id} FROM ${from} known WHERE ${id} IS NOT NULL)`;
}

/** Name for an additional column that no column of `selectCustomers` has. */
export function nameBeside(request: ExtractRequest, wanted: string): string {
  const taken = customerColumns(request).map((name) => name.toLowerCase());
  return taken.includes(wanted) ? nameBeside(request, `${wanted}_`) : wanted;
}

/**
 * Query of products: code, name, class, sale_start, sale_end, group_name. For an invalid date, the column `fault` has the key of
 * the config that names the date.
 */
export function selectProducts(dialect: Dialect, from: string, { products }: ExtractRequest, typeOf: TypeOf): string {
  const text = (name: string | null | undefined) => (name ? dialect.asText(dialect.identifier(name)) : dialect.nullText);
  const [start, end] = [products.saleStart, products.saleEnd].map((name) => dateColumn(dialect, name, typeOf));
  const columns = [`${text(products.code)} AS code`, `${text(products.name)} AS name`, `${text(products.class)} AS class`];
  const fault = `CASE WHEN ${start!.fault} THEN 'saleStart' WHEN ${end!.fault} THEN 'saleEnd' END AS fault`;
  const dates = `${start!.date} AS sale_start, ${end!.date} AS sale_end, ${fault}`;
  return `SELECT ${columns.join(', ')}, ${dates}, ${text(products.group)} AS group_name FROM ${from} products`;
}

/** Names of the columns that `selectHoldings` returns, in order. */
export const holdingColumns = ['customer', 'product', 'opened', 'closed', 'fault'] as const;

/**
 * Query of the holdings that satisfy `where`. Columns: customer, product, opened, closed (null: open), and `fault`, which marks
 * an invalid date.
 */
export function selectHoldings(dialect: Dialect, from: string, { holdings }: ExtractRequest, typeOf: TypeOf): string {
  const text = (name: string) => dialect.asText(dialect.identifier(name));
  const opened = dateColumn(dialect, holdings.date, typeOf);
  const closed = dateColumn(dialect, holdings.closed, typeOf);
  const where = holdings.where ? ` WHERE (\n${holdings.where}\n)` : '';
  return (
    `SELECT ${text(holdings.customer)} AS customer, ${text(holdings.product)} AS product, ${opened.date} AS opened, ` +
    `${openAsNull(dialect, closed.date)} AS closed, (${opened.fault} OR ${closed.fault}) AS fault FROM ${from} holdings${where}`
  );
}

/** Predicate over the holdings table that is true for rows with a `fault` in `selectHoldings`. */
export function faultyHoldings(dialect: Dialect, { holdings }: ExtractRequest, typeOf: TypeOf): string {
  const faults = [holdings.date, holdings.closed]
    .map((name) => dateColumn(dialect, name, typeOf).fault)
    .filter((fault) => fault !== 'FALSE')
    .join(' OR ');
  if (faults === '') return 'FALSE';
  return holdings.where ? `(\n${holdings.where}\n) AND (${faults})` : faults;
}

/** SQL that converts 9999-12-31, a common way to write "open", to null. */
function openAsNull(dialect: Dialect, date: string): string {
  return `CASE WHEN ${date} < ${dialect.date('9999-12-31')} THEN ${date} END`;
}

/** SQL for a column of dates; null if there is no such column. `fault` is SQL that is true for an invalid date. */
export function dateColumn(dialect: Dialect, name: string | null | undefined, typeOf: TypeOf): { date: string; fault: string } {
  if (!name) return { date: dialect.nullDate, fault: 'FALSE' };
  const column = dialect.identifier(name);
  const kind = typeOf(name);
  const date = dialect.asDate(column, kind);
  if (kind === 'date') return { date, fault: 'FALSE' };
  const isThere = kind === 'text' ? `trim(${column}) <> ''` : `${column} IS NOT NULL`;
  return { date, fault: `(${column} IS NOT NULL AND ${isThere} AND (${date}) IS NULL)` };
}

/** Query of the history's rows: id, as_of, and further select items. */
export function historyRows(
  dialect: Dialect,
  table: { from: string; typeOf: TypeOf },
  { history }: FeatureRequest,
  items: readonly string[],
): string {
  const id = dialect.asText(dialect.identifier(history!.id));
  const { date } = dateColumn(dialect, history!.date, table.typeOf);
  return `(SELECT ${[`${id} AS id`, `${date} AS as_of`, ...items].join(', ')} FROM ${table.from} customers)`;
}

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
