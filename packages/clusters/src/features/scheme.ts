import type { StartMethod } from '@basketwise/core';

/** How a numeric column becomes a feature. */
export type Scale = 'minmax' | 'standard' | 'robust' | 'log-minmax' | 'log-standard' | 'quantile';

/**
 * How a categorical column becomes a feature. `one-hot`: a feature of 0 or 1 per category. `ordinal`: one number, by rank.
 * `native`: a category that matches the cluster's most frequent one, or not.
 */
export type Encoding = 'one-hot' | 'ordinal' | 'native';

/**
 * Largest number of customers for which each start is fitted on all customers. With more, an even sample is used. The config can
 * set another limit.
 */
export const defaultStartSample = 32_768;

/**
 * Largest number of customers for which clusters are fitted on all customers. With more, an even sample is used. The config can
 * set another limit.
 */
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
   * Number of customers on which the starts are fitted. The start with the lowest cost is then fitted on all customers of the
   * fit. Default 32,768.
   */
  start_sample?: number | undefined;
  /** About how many customers the fit uses. All customers are assigned to clusters afterwards. Default 10,000,000. */
  fit_sample?: number | undefined;
  numeric: readonly string[];
  categorical: readonly string[];
  /** Scale of all numeric columns, or by column. Default of a column: minmax. */
  scale: Scale | Readonly<Record<string, Scale>>;
  /** Encoding by column. Default: that of the method. */
  encoding?: Encoding | Readonly<Record<string, Encoding>> | undefined;
  /** Encoding of columns that `encoding` does not name. Default: one-hot. */
  otherEncoding?: Encoding | undefined;
  /** Factor by which a column's part of the squared distance is multiplied. Default 1. */
  weights: Readonly<Record<string, number>>;
  /** Columns that the clusters should distinguish. A run warns if the clusters explain little of one. */
  important: readonly string[];
  /**
   * Factor by which a mismatch of a native column counts in the squared distance. Default: half the mean standard deviation of
   * the numeric features.
   */
  gamma?: number | undefined;
  /** Method that chooses the initial centres. Default k-means++. */
  start?: StartMethod | undefined;
  /** Largest number of iterations of a fit. Default 100. */
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

/** Settings that influence a scheme's fit, apart from its columns, method and k. Keys are those of the config. */
export type FitSettings = Readonly<Record<string, string | number>>;

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

/** Name of the snapshot's column that has a scheme's column at earlier dates. */
export function pastColumn(scheme: string, column: string): string {
  return `${scheme}/${column}`;
}

/** Name of the snapshot's column that has the value of a scheme's `where` at earlier dates: `true` or `false`. */
export function pastWhere(scheme: string): string {
  return `${scheme}/`;
}

/** Name of the snapshot's column that says whether a customer is in a cluster scheme. */
export function schemeColumn(scheme: string): string {
  return `in_scheme_${scheme}`;
}
