import { pastColumn, pastWhere } from '@basketwise/clusters';
import { evaluationWindows, learningWindows, type PlainDate } from '@basketwise/core';
import type { FeatureRequest } from '@basketwise/data';
import { datedSchemes } from '../config/check-features.ts';
import type { Config, FeatureConfig } from '../config/schema.ts';
import { isPushdown } from '../drivers/drivers.ts';

/**
 * Dates at which feature values are needed: `date` and, for each earlier window that models learn from, the date of its training data. Latest first.
 */
export function featureDates({ tables, evaluate }: Config, date: PlainDate): PlainDate[] {
  if (tables.holdings.date === null) return [date];
  return [date, ...evaluationWindows(date, evaluate.window, evaluate.gap, learningWindows).map(({ at }) => at)];
}

/** Whether a config has features. */
export function hasFeatures({ features = {} }: Config): boolean {
  return Object.keys(features).length > 0;
}

/** Dates of the feature values that a run requests, and values saved by earlier runs. */
export interface FeaturesWanted {
  /** Dates of the values. The values of the first date determine the levels. */
  dates: readonly PlainDate[];
  /** Date of the customers table. The table has the values of changing features only as of this date. */
  tableDate: PlainDate;
  /** Values of changing features that earlier runs have saved. */
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
  // With pushdown all features are fixed, so that no history is read.
  const history = isPushdown(config) ? undefined : config.tables.customers.history;
  return { dates, tableDate, kept, items, derive: config.derive, ...(history && { history }) };
}

/** Columns of cluster schemes whose values are requested at earlier dates. */
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

/** Features whose value can differ between dates. Excluded are `fixed` features and crossings. */
export function changingFeatures({ features = {} }: Config): [string, Exclude<FeatureConfig, { cross: unknown }>][] {
  return Object.entries(features).flatMap(([name, feature]) =>
    'cross' in feature || feature.fixed ? [] : [[name, feature] as [string, typeof feature]],
  );
}
