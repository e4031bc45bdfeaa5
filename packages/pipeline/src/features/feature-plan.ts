import { pastColumn, pastWhere } from '@basketwise/clusters';
import { evaluationWindows, learningWindows, type PlainDate } from '@basketwise/core/parts';
import type { FeatureRequest } from '@basketwise/data';
import { datedSchemes } from '../config/dated-schemes.ts';
import type { Config, FeatureConfig } from '../config/schema.ts';
import { isPushdown } from '../drivers/drivers.ts';

/** Dates of feature values: a date, and the beginning of each earlier window that models learn from; latest first. */
export function featureDates({ tables, evaluate }: Config, date: PlainDate): PlainDate[] {
  if (tables.holdings.date === null) return [date];
  return [date, ...evaluationWindows(date, evaluate.window, evaluate.gap, learningWindows).map(({ at }) => at)];
}

/** Whether models can rank by features besides holdings. */
export function hasFeatures({ features = {} }: Config): boolean {
  return Object.keys(features).length > 0;
}

/** Dates of the features requested. */
export interface FeaturesWanted {
  /** Dates. Levels are made from the values of the first date. */
  dates: readonly PlainDate[];
  /** Date of the customers table. Only at this date does it have the values of changing features. */
  tableDate: PlainDate;
  /** Values of changing features, saved by earlier runs. */
  kept: FeatureRequest['kept'];
}

/** Request for the features of a config; undefined without features. */
export function featureRequest(config: Config, { dates, tableDate, kept }: FeaturesWanted): FeatureRequest | undefined {
  const own = Object.entries(config.features ?? {}).flatMap(([name, feature]): FeatureRequest['items'][number][] => {
    if ('cross' in feature) return [];
    const kind = feature.bands === undefined ? 'text' : 'number';
    const from = 'column' in feature ? { column: feature.column } : { sql: feature.sql };
    return [{ ...from, name, kind, fixed: feature.fixed, place: `features.${name}` }];
  });
  const items = [...own, ...schemeColumns(config)];
  if (items.length === 0) return undefined;
  // With pushdown no feature changes.
  const history = isPushdown(config) ? undefined : config.tables.customers.history;
  return { dates, tableDate, kept, items, derive: config.derive, ...(history && { history }) };
}

/** Columns of the schemes at earlier dates. */
function schemeColumns(config: Config): FeatureRequest['items'][number][] {
  const isFixed = (name: string) =>
    Object.values(config.features ?? {}).some((one) => 'column' in one && one.column === name && one.fixed);
  return datedSchemes(config).flatMap((scheme) => {
    const { numeric, categorical, where } = config.clusters[scheme]!;
    const place = `clusters.${scheme}`;
    const item = (column: string, kind: 'number' | 'text') => {
      return { column, name: pastColumn(scheme, column), kind, fixed: isFixed(column), past: true as const, place };
    };
    return [
      ...numeric.map((column) => item(column, 'number')),
      ...categorical.map((column) => item(column, 'text')),
      ...(where === undefined
        ? []
        : [{ sql: where, name: pastWhere(scheme), kind: 'text' as const, fixed: false, past: true as const, place }]),
    ];
  });
}

/**
 * Features that change with the date. Excludes features with the same value at every date, and features that can be computed for
 * every date.
 */
export function changingFeatures({ features = {} }: Config): [string, Exclude<FeatureConfig, { cross: unknown }>][] {
  return Object.entries(features).flatMap(([name, feature]) =>
    'cross' in feature || feature.fixed ? [] : [[name, feature] as [string, typeof feature]],
  );
}
