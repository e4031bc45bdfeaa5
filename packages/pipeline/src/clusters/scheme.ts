import type { StartMethod } from '@basketwise/core/parts';

/** How a numeric column becomes a feature. */
export type Scale = 'minmax' | 'standard' | 'robust' | 'log-minmax' | 'log-standard' | 'quantile';

/** How a categorical column becomes a feature: columns of 0 and 1, a number by rank, or match with the cluster's mode. */
export type Encoding = 'one-hot' | 'ordinal' | 'native';

/** Names of the cluster methods, the default first; methods.ts has a method for each. */
export const methodNames = ['kmeans', 'kprototypes'] as const;

/** Name of a cluster method. */
export type MethodName = (typeof methodNames)[number];

/** Of more customers than these, the starts are fitted on an even sample, unless the config gives its size. */
export const defaultStartSample = 32_768;

/** Of more customers than these, clusters are fitted on an even sample, unless the config gives its size. */
export const defaultFitSample = 10_000_000;

/** A scheme to cluster customers by: one entry of `clusters` in the config, its defaults filled in. */
export interface ClusterScheme {
  name: string;
  /** SQL predicate over the customers relation; those for whom it is not true get no cluster. Null: everybody. */
  where: string | null;
  method: string;
  k: number | { from: number; to: number; choose: 'elbow' | 'silhouette' };
  seed: number;
  starts: number;
  /** Customers on whom the starts are fitted; only the cheapest goes on, on all that are fitted. Default 32,768. */
  start_sample?: number | undefined;
  /** Customers on whom the clusters are fitted, about; all are assigned. Default 10,000,000. */
  fit_sample?: number | undefined;
  numeric: readonly string[];
  categorical: readonly string[];
  /** One for all numeric columns, or by column; columns not named take minmax. */
  scale: Scale | Readonly<Record<string, Scale>>;
  /** By column; default that of the method. */
  encoding?: Encoding | Readonly<Record<string, Encoding>> | undefined;
  /** Of columns that `encoding` does not name; default one-hot. */
  otherEncoding?: Encoding | undefined;
  /** Factor on a column's part of the squared distance; default 1. */
  weights: Readonly<Record<string, number>>;
  /** Columns whose explained share is watched. */
  important: readonly string[];
  /** Factor on mismatches of native columns; default half the mean standard deviation of the numeric features. */
  gamma?: number | undefined;
  /** Default k-means++. */
  start?: StartMethod | undefined;
  /** Default 100. */
  iterations?: number | undefined;
}

/** The scale of a numeric column. */
export function columnScale(scheme: ClusterScheme, column: string): Scale {
  return (typeof scheme.scale === 'string' ? scheme.scale : scheme.scale[column]) ?? 'minmax';
}

/** The encoding of a categorical column. */
export function encodingOf(scheme: ClusterScheme, column: string): Encoding {
  const named = typeof scheme.encoding === 'object' ? scheme.encoding[column] : scheme.encoding;
  return named ?? scheme.otherEncoding ?? 'one-hot';
}

/** Settings of a scheme that shape its fit beside its columns, method and k, by key of the config. */
export type FitSettings = Readonly<Record<string, string | number>>;

/** @see FitSettings */
export function fitSettings(scheme: ClusterScheme): FitSettings {
  const { seed, starts, start, start_sample, fit_sample, gamma, iterations, numeric, categorical, weights } = scheme;
  const given = { seed, starts, start, start_sample, fit_sample, gamma, iterations };
  return Object.fromEntries([
    ...Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ...numeric.map((column) => [`scale.${column}`, columnScale(scheme, column)]),
    ...categorical.map((column) => [`encoding.${column}`, encodingOf(scheme, column)]),
    ...[...numeric, ...categorical].map((column) => [`weights.${column}`, weights[column] ?? 1]),
  ]);
}

/** Name under which a snapshot knows what a column of a scheme was at earlier dates. */
export function pastColumn(scheme: string, column: string): string {
  return `${scheme}/${column}`;
}

/** The same of its `where`: `true` or `false`. */
export function pastWhere(scheme: string): string {
  return `${scheme}/`;
}

/** The snapshot's column that keeps who belongs to a cluster scheme. */
export function schemeColumn(scheme: string): string {
  return `in_scheme_${scheme}`;
}
