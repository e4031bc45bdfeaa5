import { AppError } from '@basketwise/core';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { mentionsDate, withDate, withoutDatedColumns } from './dated-sql.ts';
import { checkExpression } from './expression.ts';
import type { ExtractRequest, FeatureRequest, NamedPredicate, RequestedFeature } from './request.ts';
import { dateColumn, type TypeOf } from './statement.ts';

/** Name of the snapshot's column with the day on which a customer joined. */
export const sinceColumn = 'since';

/** A feature as of one date: SQL over the customers table, and the name of the snapshot's column for its values. */
export interface FeatureColumn extends NamedPredicate {
  kind: 'number' | 'text';
}

/** How the value of a feature depends on the date. */
type Dependence = 'none' | 'computed' | 'changing';

/** SQL of a feature. The SQL of derived columns that depend on the date is inserted in place of their names. */
function requestedSql(dialect: Dialect, { derive }: FeatureRequest, feature: RequestedFeature): string {
  const sql = 'column' in feature ? dialect.identifier(feature.column) : feature.sql;
  return withoutDatedColumns(dialect, sql, derive);
}

/**
 * How a feature depends on the date. `none`: it does not. `computed`: only through `:date`. `changing`: its columns change.
 */
function dependenceOf(dialect: Dialect, request: FeatureRequest, feature: RequestedFeature): Dependence {
  if (!feature.fixed) return 'changing';
  return mentionsDate(dialect, requestedSql(dialect, request, feature)) ? 'computed' : 'none';
}

/**
 * SQL for a feature as of a date.
 * @param date position of the date in the request's list of dates
 */
export function featureColumn(dialect: Dialect, request: FeatureRequest, item: number, date: number): FeatureColumn {
  const feature = request.items[item]!;
  const { kind, place } = feature;
  const suffix = dependenceOf(dialect, request, feature) === 'none' ? '' : `_${date}`;
  const sql = `(\n${withDate(dialect, requestedSql(dialect, request, feature), request.dates[date]!)}\n)`;
  return { name: `feature_${item}${suffix}`, kind, sql: kind === 'number' ? dialect.asNumber(sql) : dialect.asText(sql), place };
}

/** Whether the customers table has the values of a feature as of a date. */
export function isInCustomers(dialect: Dialect, request: FeatureRequest, item: number, date: number): boolean {
  const feature = request.items[item]!;
  if (dependenceOf(dialect, request, feature) !== 'changing') return true;
  return feature.past !== true && request.dates[date] === request.tableDate;
}

/**
 * Columns that Basketwise adds to the extracted customers: the day of joining, and the features. Returns the SQL of each select
 * item, by the name of the column.
 */
export function addedColumns(dialect: Dialect, request: ExtractRequest, typeOf: TypeOf): ReadonlyMap<string, string> {
  const { features, customers } = request;
  const columns = new Map<string, string>();
  if (customers.since) columns.set(sinceColumn, `${dateColumn(dialect, customers.since, typeOf).date} AS ${sinceColumn}`);
  for (const item of features?.items.keys() ?? []) {
    for (const date of features!.dates.keys()) {
      if (!isInCustomers(dialect, features!, item, date)) continue;
      const { name, sql } = featureColumn(dialect, features!, item, date);
      columns.set(name, `${sql} AS ${name}`);
    }
  }
  return columns;
}

/** Columns whose values are categories. In a CSV file they stay text, for all values. */
export function textFeatures(features: FeatureRequest | undefined): string[] {
  const items = features?.items ?? [];
  return items.flatMap((item) => (item.kind === 'text' && 'column' in item ? [item.column] : []));
}

/**
 * Checks that a feature is an SQL expression over a table, and that its type fits its kind.
 * @throws AppError config, bad-data for a missing column
 */
export async function checkFeature(
  engine: Engine,
  table: { from: string; typeOf: TypeOf },
  request: FeatureRequest,
  feature: RequestedFeature,
  options: StatementOptions,
): Promise<void> {
  const { place } = feature;
  const whole = requestedSql(engine.dialect, request, feature);
  // A derived column that depends on the date is expanded to its SQL.
  if ('column' in feature && whole === engine.dialect.identifier(feature.column)) table.typeOf(feature.column);
  const sql = withDate(engine.dialect, whole, request.dates[0]!);
  const type = await checkExpression(engine, `${table.from} customers`, { sql, place }, options);
  const kind = engine.dialect.kindOf(type);
  if (feature.kind === 'number' && kind !== 'integer' && kind !== 'number')
    throw new AppError('config', `${place}: this is ${type}, and bands need numbers`, 'Cast it, or leave `bands` out.');
  if (kind === 'other')
    throw new AppError('config', `${place}: values of type ${type} cannot be distinguished`, 'Cast it to text or a number.');
}
