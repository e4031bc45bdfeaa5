import { AppError } from '@basketwise/core';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import { faultyRows } from './faulty-rows.ts';
import type { ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { isRepeatedId, joinedWhen } from './statement.ts';

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

/** Numbers of customers with an id who joined up to the reference date, and later, and number of rows that repeat an id. */
interface IdCounts {
  kept: number;
  joinedLater: number;
  duplicates: number;
}

/**
 * Checks that customers have different ids, by a query.
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
  const counts = { kept: `count(${id})`, duplicates: `count(${id}) - count(DISTINCT ${id})` };
  const found = await queryCounts(engine, counts, present, { ...options, place: 'tables.customers' });
  const joinedLater = found.kept > 0 ? 0 : await countLater(engine, table, request, options);
  await refuseIds(engine, table, request, { ...found, joinedLater }, options);
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
  const rows = await faultyRows(engine, from, isRepeatedId(engine.dialect, from, request, typeOf), options);
  throw new AppError(
    'bad-data',
    `tables.customers: ${count} rows of ${label} repeat the id of another${rows}`,
    'Deliver one row per customer.',
  );
}
