import type { StartMethod } from '@basketwise/core/parts';

/** Conversion of a numeric column to a feature. */
export type Scale = 'minmax' | 'standard' | 'robust' | 'log-minmax' | 'log-standard' | 'quantile';

/** Conversion of a categorical column to a feature: columns of 0 and 1, a number by rank, or a match with the cluster's mode. */
export type Encoding = 'one-hot' | 'ordinal' | 'native';

/**
 * Most customers whose starts are fitted on all of them. With more, starts use an even sample. The config can set another limit.
 */
export const defaultStartSample = 32_768;

/** Most customers of a fit on all of them. With more, clusters are fitted on an even sample. The config can set another limit. */
export const defaultFitSample = 10_000_000;

/** Clustering scheme: one entry of `clusters` in the config, with defaults. */
export interface ClusterScheme {
  name: string;
  /** SQL predicate over the customers relation. Other customers get no cluster. Null: all customers. */
  where: string | null;
  method: string;
  k: number | { from: number; to: number; choose: 'elbow' | 'silhouette' };
  seed: number;
  starts: number;
  /**
   * Number of customers for fitting the starts. Only the cheapest start continues, on all customers of the fit. Default 32,768.
   */
  start_sample?: number | undefined;
  /** Approximate number of customers for the fit. All customers are assigned. Default 10,000,000. */
  fit_sample?: number | undefined;
  numeric: readonly string[];
  categorical: readonly string[];
  /** Scale of all numeric columns, or by column. Default of a column: minmax. */
  scale: Scale | Readonly<Record<string, Scale>>;
  /** Encoding by column. Default: that of the method. */
  encoding?: Encoding | Readonly<Record<string, Encoding>> | undefined;
  /** Encoding of columns that `encoding` does not name. Default: one-hot. */
  otherEncoding?: Encoding | undefined;
  /** Factor on a column's part of the squared distance. Default 1. */
  weights: Readonly<Record<string, number>>;
  /** Columns that get a warning if their explained share is low. */
  important: readonly string[];
  /** Factor on mismatches of native columns. Default: half the mean standard deviation of the numeric features. */
  gamma?: number | undefined;
  /** Default k-means++. */
  start?: StartMethod | undefined;
  /** Default 100. */
  iterations?: number | undefined;
}

/** Entry of `clusters` in the config, under its name. `model` is the file of the saved model. */
export interface SchemeConfig extends Omit<ClusterScheme, 'name' | 'where' | 'otherEncoding'> {
  where?: string | undefined;
  model?: string | undefined;
}

/** Scale of a numeric column. */
export function columnScale(scheme: ClusterScheme, column: string): Scale {
  return (typeof scheme.scale === 'string' ? scheme.scale : scheme.scale[column]) ?? 'minmax';
}

/** Encoding of a categorical column. */
export function encodingOf(scheme: ClusterScheme, column: string): Encoding {
  const named = typeof scheme.encoding === 'object' ? scheme.encoding[column] : scheme.encoding;
  return named ?? scheme.otherEncoding ?? 'one-hot';
}

/** Settings of a scheme that influence its fit, besides columns, method and k; by key of the config. */
export type FitSettings = Readonly<Record<string, string | number>>;

/** Fit settings of a scheme. */
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

/** Name in a snapshot of a scheme's column at earlier dates. */
export function pastColumn(scheme: string, column: string): string {
  return `${scheme}/${column}`;
}

/** Name in a snapshot of a scheme's `where` at earlier dates. Its values are `true` or `false`. */
export function pastWhere(scheme: string): string {
  return `${scheme}/`;
}

/** Snapshot column with the membership in a cluster scheme. */
export function schemeColumn(scheme: string): string {
  return `in_scheme_${scheme}`;
}
