import { schemeColumn } from '@basketwise/clusters';
import { AppError, type PlainDate } from '@basketwise/core';
import {
  type Engine,
  type ExtractRequest,
  featureColumn,
  mentionsDate,
  type NamedPredicate,
  openSources,
  type SourceTable,
  withDate,
} from '@basketwise/data';
import type { Config } from '../config/schema.ts';
import { protectedColumns } from '../config/schema-validation.ts';
import type { Source } from '../drivers/driver.ts';
import { driverOf, isPushdown, workTablesIn } from '../drivers/drivers.ts';
import { type FeaturesWanted, featureRequest } from '../features/feature-plan.ts';
import { codeCategories } from '../features/fit-codings.ts';

/** Columns of customers that a config uses. A column is read as a number if any use of it needs a number. */
function columnsOfConfig(config: Config): ExtractRequest['columns'] {
  const needed = new Map<string, ExtractRequest['columns'][number]>();
  // SQL ignores the case of names.
  const has = (name: string) => needed.has(name.toLowerCase());
  const need = (columns: readonly string[], kind: 'number' | 'text') => {
    for (const name of columns) if (kind === 'number' || !has(name)) needed.set(name.toLowerCase(), { name, kind });
  };
  for (const cluster of Object.values(config.clusters)) {
    need(cluster.numeric, 'number');
    need(cluster.categorical, 'text');
  }
  for (const segment of Object.values(config.segments)) {
    // Segments convert text to numbers themselves. So a column stays text if a cluster scheme uses it as a category.
    const columns = 'bands' in segment ? [segment.column] : 'flags' in segment ? segment.flags : [];
    need(
      columns.filter((column) => !has(column)),
      'number',
    );
  }
  // Protected columns are added last, and change the type of no other column, because validations convert text themselves. With
  // pushdown they are not read, because customers stay on the server.
  for (const { column, bands } of isPushdown(config) ? [] : protectedColumns(config.validation)) {
    if (!has(column)) need([column], bands === null ? 'text' : 'number');
  }
  return [...needed.values()];
}

/** Extraction request of a config for an open source. It reads the source's work tables if there are any. */
export function requestTo(
  { prepare }: Pick<Source, 'prepare'>,
  config: Config,
  referenceDate: PlainDate,
  features?: FeaturesWanted,
): ExtractRequest {
  const request = extractRequest(config, referenceDate, features);
  return prepare?.(request) ?? request;
}

/**
 * Extraction request of a config for the bank's own tables, with features.
 * @param features dates of the requested features; absent: no features
 */
export function extractRequest(config: Config, referenceDate: PlainDate, features?: FeaturesWanted): ExtractRequest {
  const history = config.tables.customers.history;
  const asked = features && featureRequest(config, features);
  if (asked?.history && history) {
    const sql = history.sql && sqlAsOf(config, history.sql, 'tables.customers.history.sql', referenceDate);
    asked.history = { ...withFormats(history), ...(sql !== undefined && { sql }) };
  }
  return { ...sourceRequest(config, referenceDate, features?.tableDate as PlainDate | undefined), features: asked };
}

/** Keys of a table in the config. */
type TableKeys = Pick<Config['tables']['customers'], 'from' | 'sql' | 'date_format' | 'decimal_comma'>;
/** Function that converts a table of the config to a table of a request, with `:date` in its query replaced. */
type TableQuery = <T extends TableKeys>(table: T, name: string, date?: PlainDate) => ReturnType<typeof withFormats<T>>;

/** Renames the keys of a table's formats to those of a request. */
function withFormats<T extends TableKeys>({ date_format: dateFormat, decimal_comma: decimalComma, ...table }: T) {
  return { ...table, ...(dateFormat && { dateFormat }), ...(decimalComma && { decimalComma }) };
}

/**
 * Extraction request of a config for the bank's own tables, without features.
 * @param tableDate date of the state of the tables. It replaces `:date` in the SQL of the holdings, because an evaluation looks for
 * purchases after its reference date.
 */
export function sourceRequest(config: Config, referenceDate: PlainDate, tableDate = referenceDate): ExtractRequest {
  const { customers: allOfCustomers, products, holdings } = config.tables;
  const { history: _, ...customers } = allOfCustomers;
  const dated = (sql: string, place: string) => sqlAsOf(config, sql, place, referenceDate);
  const predicates = Object.entries(config.clusters).flatMap(([scheme, { where }]): NamedPredicate[] => {
    const place = `clusters.${scheme}.where`;
    return where === undefined ? [] : [{ name: schemeColumn(scheme), sql: dated(where, place), place }];
  });
  const { sale_start: saleStart, sale_end: saleEnd, ...product } = products;
  const query: TableQuery = (table, name, date = referenceDate) => ({
    ...withFormats(table),
    ...(table.sql === undefined ? {} : { sql: sqlAsOf(config, table.sql, `tables.${name}.sql`, date) }),
  });
  return {
    referenceDate,
    timeZone: config.source.time_zone,
    customers: query(customers, 'customers'),
    products: { ...query(product, 'products'), saleStart, saleEnd },
    holdings: {
      ...query(holdings, 'holdings', tableDate),
      where: holdings.where && sqlAsOf(config, holdings.where, 'tables.holdings.where', tableDate),
    },
    derive: Object.fromEntries(Object.entries(config.derive).map(([name, sql]) => [name, dated(sql, `derive.${name}`)])),
    columns: columnsOfConfig(config),
    predicates,
    classes: classesWithKeys(config),
    rules: config.rules.map((rule, i) => ({ ...rule, require: dated(rule.require, `rules[${i}].require`) })),
    offers: offerRequest(config, query),
  };
}

/** Part of a request that offers need: values of products, classes, campaigns and contacts. */
function offerRequest({ offers, tables: { contacts }, campaigns }: Config, query: TableQuery): ExtractRequest['offers'] {
  if (!offers) return undefined;
  return {
    ...(typeof offers.value === 'string' && { value: offers.value }),
    classes: Object.values(campaigns).map((campaign) => campaign.class),
    campaigns: Object.keys(campaigns),
    ...(contacts && { contacts: query(contacts, 'contacts') }),
  };
}

/**
 * SQL of the config with the reference date in place of `:date`.
 * @throws AppError config if `:date` is used with work tables, which are made once for all dates
 */
function sqlAsOf({ source }: Config, sql: string, place: string, referenceDate: PlainDate): string {
  const dialect = driverOf(source).dialect;
  if (workTablesIn(source) !== undefined && mentionsDate(dialect, sql)) {
    throw new AppError(
      'config',
      `${place}: \`:date\` differs from day to day, and work tables are made once`,
      'Leave it out, or leave the work_tables of the source out.',
    );
  }
  return withDate(dialect, sql, referenceDate);
}

/** All classes that a config names, each with its key. */
function classesWithKeys({ campaigns, rules }: Config): NonNullable<ExtractRequest['classes']> {
  return [
    ...Object.entries(campaigns).flatMap(([name, { class: of, columns = [of] }]) =>
      columns.map((column) => ({ name: column, place: `campaigns.${name}` })),
    ),
    ...rules.flatMap(({ class: of }, i) => (of === undefined ? [] : [{ name: of, place: `rules[${i}].class` }])),
  ];
}

/** Positions and names of the fixed text features of a request, without the saved values of past dates. */
function countedFeatures({ features }: ExtractRequest): [item: number, name: string][] {
  return [...(features?.items ?? []).entries()].flatMap(([item, { name, kind, fixed, past }]): [number, string][] =>
    kind === 'text' && fixed && past !== true ? [[item, name]] : [],
  );
}

/**
 * Checks the number of values of fixed features without bands in the opened customers table, before any extraction. The stage
 * `features` checks changing features later, because models rank by them only once their earlier values are known.
 * @returns number of features checked
 * @throws AppError config for a feature that identifies customers or has too many values, as the stage `features` does
 */
export async function checkLevels(engine: Engine, request: ExtractRequest, customers: SourceTable): Promise<number> {
  const counted = countedFeatures(request);
  if (counted.length === 0) return 0;
  const columns = new Map(counted.map(([, name], i) => [name, `feature_${i}`]));
  const features = { ...request.features!, dates: [request.referenceDate] };
  const values = counted.map(([item], i) => `${featureColumn(engine.dialect, features, item, 0).sql} AS feature_${i}`);
  await codeCategories(
    engine,
    `(SELECT ${values.join(', ')} FROM ${customers.from} customers) featured`,
    columns,
    customers.rows,
  );
  return counted.length;
}

/**
 * Opens the tables of a source and calls `checkLevels`, if the config has features to check.
 * @returns number of features checked
 * @throws AppError as `checkLevels`
 */
export async function checkLevelsOf(source: Source, config: Config, date: PlainDate): Promise<number> {
  const request = requestTo(source, config, date, { dates: [date], tableDate: date, kept: [] });
  if (countedFeatures(request).length === 0) return 0;
  const { customers } = await openSources(source.engine, request, {});
  return checkLevels(source.engine, request, customers);
}
