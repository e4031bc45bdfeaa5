import type { ClusterSpace } from '@basketwise/core';

/**
 * Fitted conversion of a number x to a feature. It is (t - offset) * factor, where t is x, or sign(x) * ln(1 + |x|) with `log`.
 * With `knots`, it is the position of x between the knots, times `factor`.
 * `factor` includes the square root of the column's weight. Every engine rounds all features to 32-bit floats.
 */
export interface NumericFeature {
  kind: 'number';
  column: string;
  log: boolean;
  offset: number;
  factor: number;
  /** Values at equal steps of the cumulative share, ascending, for the quantile scale. Null for other scales. */
  knots: readonly number[] | null;
  /** Value that replaces a missing one: the median of the customers of the fit. */
  median: number;
}

/** Feature that is `factor` if the value of a column is missing, else 0. Only columns with missing values at the fit have one. */
export interface IndicatorFeature {
  kind: 'indicator';
  column: string;
  factor: number;
}

/** Feature that is the rank of a category, from 0 to 1, times `factor`. Missing and new categories have the middle rank. */
export interface OrdinalFeature {
  kind: 'ordinal';
  column: string;
  categories: readonly string[];
  factor: number;
}

/**
 * Feature that is the code of a category: its position in the list. A category that is not in the list gets the code after the
 * last.
 */
export interface CategoricalFeature {
  column: string;
  encoding: 'one-hot' | 'native';
  /** Categories of the fit, in the order of code points. */
  categories: readonly string[];
  /** Whether a missing value is a category. It then has the code after the listed categories. */
  missing: boolean;
  weight: number;
}

/**
 * Fitted preprocessing of a scheme's columns. It is part of the cluster model, and applies unchanged to all customers. Plain JSON
 * values.
 */
export interface FeatureSet {
  numeric: readonly (NumericFeature | IndicatorFeature | OrdinalFeature)[];
  categorical: readonly CategoricalFeature[];
  /** Columns that are excluded, because all customers have the same value. */
  leftOut: readonly { column: string; why: 'constant' | 'all missing' }[];
  /**
   * Marks that `median` is the median. Absent in models of older versions, which stored the maximum for columns without missing
   * values.
   */
  medians?: 'of values';
}

/** Number of categories that a feature distinguishes, including the missing one. */
export function distinctCategories(feature: CategoricalFeature): number {
  return feature.categories.length + (feature.missing ? 1 : 0);
}

/** Space of the features in which distances are computed: its dimensions by kind. */
export function spaceOf(features: FeatureSet): ClusterSpace {
  return {
    numeric: features.numeric.map(({ kind, column }) => (kind === 'indicator' ? `${column} missing` : column)),
    categorical: features.categorical.map((feature) => ({
      name: feature.column,
      kind: feature.encoding,
      categories: distinctCategories(feature),
      weight: feature.weight,
    })),
  };
}
