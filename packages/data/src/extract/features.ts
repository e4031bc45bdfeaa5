import { AppError } from '@basketwise/core';
import type { Dialect } from '../engine/dialect.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { mentionsDate, withDate, withoutDatedColumns } from './dated-sql.ts';
import { checkExpression } from './expression.ts';
import type { ExtractRequest, FeatureRequest, NamedPredicate, RequestedFeature } from './request.ts';
import { dateColumn, type TypeOf } from './statement.ts';

/** Snapshot column with the day on which a customer joined. */
export const sinceColumn = 'since';

/** Values of a feature as of a date: SQL over the customers table, and the column of the snapshot that stores them. */
export interface FeatureColumn extends NamedPredicate {
  kind: 'number' | 'text';
}

/** Dependence of a feature on the reference date. */
type Dependence = 'none' | 'computed' | 'changing';

/** SQL of a feature. The derived columns that depend on the date are expanded. */
function requestedSql(dialect: Dialect, { derive }: FeatureRequest, feature: RequestedFeature): string {
  const sql = 'column' in feature ? dialect.identifier(feature.column) : feature.sql;
  return withoutDatedColumns(dialect, sql, derive);
}

/** How values depend on the date: not at all, only through `:date`, or because the table changes. */
function dependenceOf(dialect: Dialect, request: FeatureRequest, feature: RequestedFeature): Dependence {
  if (!feature.fixed) return 'changing';
  return mentionsDate(dialect, requestedSql(dialect, request, feature)) ? 'computed' : 'none';
}

/** Values of a feature as of a date, as SQL of their kind. `date` is a position in the request's dates. */
export function featureColumn(dialect: Dialect, request: FeatureRequest, item: number, date: number): FeatureColumn {
  const feature = request.items[item]!;
  const { kind, place } = feature;
  const suffix = dependenceOf(dialect, request, feature) === 'none' ? '' : `_${date}`;
  const sql = `(\n${withDate(dialect, requestedSql(dialect, request, feature), request.dates[date]!)}\n)`;
  return { name: `feature_${item}${suffix}`, kind, sql: kind === 'number' ? dialect.asNumber(sql) : dialect.asText(sql), place };
}

/** Whether the customers table contains the values of a feature as of a date. */
export function isInCustomers(dialect: Dialect, request: FeatureRequest, item: number, date: number): boolean {
  const feature = request.items[item]!;
  if (dependenceOf(dialect, request, feature) !== 'changing') return true;
  return feature.past !== true && request.dates[date] === request.tableDate;
}

/**
 * Columns that Basketwise adds to those of the customers table: the joining date and the feature values. Returns the SQL of each
 * select item, by the name of the column.
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

/** Category columns, which stay text regardless of their values in files without types. */
export function textFeatures(features: FeatureRequest | undefined): string[] {
  const items = features?.items ?? [];
  return items.flatMap((item) => (item.kind === 'text' && 'column' in item ? [item.column] : []));
}

/**
 * Checks that a feature is an expression over a table, with the type of its use.
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
