import { AppError } from '@basketwise/core';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { addedColumns } from './features.ts';
import type { ExtractRequest } from './request.ts';
import { faultyRows, type SourceTable } from './source-table.ts';
import { isUsedRow, joinedWhen, selectCustomers, type TypeOf } from './statement.ts';

/** Query of the rows of customers that a run uses, with `id` and the columns that are read. Numbers are text, because some may be faulty. */
function comparedRows(dialect: Dialect, from: string, request: ExtractRequest, typeOf: TypeOf): string {
  const added = [...addedColumns(dialect, request, typeOf).values()];
  const columns = request.columns.map(({ name }) => ({ name, kind: 'text' as const }));
  return selectCustomers(dialect, from, { ...request, columns }, added, isUsedRow(dialect, request, typeOf));
}

/** Relation of the ids that unequal rows of a query share: `id`, and the number `n` of unequal rows. */
function sharedIds(rows: string, id = 'id'): string {
  return `(SELECT ${id} AS id, count(*) AS n FROM (SELECT DISTINCT * FROM (${rows}) r) r GROUP BY ${id} HAVING count(*) > 1) shared`;
}

/**
 * Predicate over the customers table that is true if another row that a run uses has the same id, and other values.
 * @param all whether all columns of the table are compared, instead of those that a run reads
 */
export function isRepeatedId(dialect: Dialect, from: string, request: ExtractRequest, typeOf: TypeOf, all: boolean): string {
  const id = dialect.asText(dialect.identifier(request.customers.id));
  const isUsed = isUsedRow(dialect, request, typeOf);
  const shared = all
    ? sharedIds(`SELECT * FROM ${from} customers WHERE ${isUsed}`, id)
    : sharedIds(comparedRows(dialect, from, request, typeOf));
  return `${isUsed} AND ${id} IN (SELECT id FROM ${shared})`;
}

/** Counts the customers with an id who joined after the reference date. */
export async function countLater(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<number> {
  const when = joinedWhen(engine.dialect, request, table.typeOf);
  if (!when) return 0;
  const ids = `${table.from} customers WHERE ${when.later} AND ${engine.dialect.identifier(request.customers.id)} IS NOT NULL`;
  return (await queryCounts(engine, { later: 'count(*)' }, ids, { ...options, place: 'tables.customers.since' })).later;
}

/** Numbers of customers with an id who joined up to the reference date, and later, and of rows with the id of another, unequal row. */
interface IdCounts {
  kept: number;
  joinedLater: number;
  duplicates: number;
}

/**
 * Checks that customers have different ids, except for equal rows, by queries.
 * @throws AppError bad-data or missing-input in the cases in which the extraction throws it
 */
export async function checkIds(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<void> {
  const id = engine.dialect.identifier(request.customers.id);
  const when = joinedWhen(engine.dialect, request, table.typeOf);
  const present = `${table.from} customers${when ? ` WHERE ${when.present}` : ''}`;
  const statement = { ...options, place: 'tables.customers' };
  const counts = { kept: `count(${id})`, repeats: `count(${id}) - count(DISTINCT ${id})` };
  const { kept, repeats } = await queryCounts(engine, counts, present, statement);
  const shared = sharedIds(comparedRows(engine.dialect, table.from, request, table.typeOf));
  const more = { duplicates: 'coalesce(sum(n - 1), 0)' };
  const { duplicates } = repeats === 0 ? { duplicates: 0 } : await queryCounts(engine, more, shared, statement);
  const joinedLater = kept > 0 ? 0 : await countLater(engine, table, request, options);
  await refuseIds(engine, table, request, { kept, duplicates, joinedLater }, options);
}

/**
 * Throws if the ids cannot be used.
 * @throws AppError bad-data for repeated ids, missing-input if there is no customer
 */
export async function refuseIds(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  { kept, joinedLater: later, duplicates }: IdCounts,
  options: StatementOptions,
): Promise<void> {
  if (duplicates > 0) await refuseRepeatedIds(engine, table, request, duplicates, options);
  if (kept === 0 && later > 0) {
    throw new AppError(
      'missing-input',
      `tables.customers: all ${later} customers of ${table.label} joined after ${request.referenceDate}`,
      'Give a later reference date, or look at the column under `since`.',
    );
  }
  if (kept === 0)
    throw new AppError('missing-input', `tables.customers: ${table.label} has no row with an id`, 'Deliver the table again.');
}

async function refuseRepeatedIds(
  engine: Engine,
  { from, label, typeOf }: SourceTable,
  request: ExtractRequest,
  count: number,
  options: StatementOptions,
): Promise<never> {
  const rows = await faultyRows(engine, from, isRepeatedId(engine.dialect, from, request, typeOf, false), options);
  throw new AppError(
    'bad-data',
    `tables.customers: ${count} rows of ${label} repeat the id of another, with other values${rows}`,
    'Deliver one row per customer.',
  );
}
