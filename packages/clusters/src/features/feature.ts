import type { ClusterSpace } from '@basketwise/core/parts';

/**
 * A fitted number: (t - offset) * factor with t = x, or sign(x) * ln(1 + |x|) with `log`; or the position of x between `knots`. The factor
 * includes the root of the column's weight. All features are rounded to 32-bit floats, by every engine alike.
 */
export interface NumericFeature {
  kind: 'number';
  column: string;
  log: boolean;
  offset: number;
  factor: number;
  /** Rising values at equal steps of the cumulative share, for the quantile scale; else null. */
  knots: readonly number[] | null;
  /** Replaces a missing value: the median of the fitted customers. */
  median: number;
}

/** 1 if a value is missing, else 0, times `factor`: for columns with missing values at the fit. */
export interface IndicatorFeature {
  kind: 'indicator';
  column: string;
  factor: number;
}

/** A category's rank from 0 to 1, times `factor`. Missing and new categories get the middle rank. */
export interface OrdinalFeature {
  kind: 'ordinal';
  column: string;
  categories: readonly string[];
  factor: number;
}

/** Codes of a category; a category outside the list gets the code after the last. */
export interface CategoricalFeature {
  column: string;
  encoding: 'one-hot' | 'native';
  /** In code point order. */
  categories: readonly string[];
  /** A missing value is a separate category, coded after the others. */
  missing: boolean;
  weight: number;
}

/** The fitted preprocessing: part of a cluster model, applied unchanged to any customers. Plain JSON values. */
export interface FeatureSet {
  numeric: readonly (NumericFeature | IndicatorFeature | OrdinalFeature)[];
  categorical: readonly CategoricalFeature[];
  /** Excluded columns, which do not distinguish customers. */
  leftOut: readonly { column: string; why: 'constant' | 'all missing' }[];
  /** Absent in models of versions that stored the maximum as the median of a column without missing values. */
  medians?: 'of values';
}

/** Categories that a categorical feature distinguishes, the missing one included. */
export function categoriesOf(feature: CategoricalFeature): number {
  return feature.categories.length + (feature.missing ? 1 : 0);
}

/** The space in which the features are compared. */
export function spaceOf(features: FeatureSet): ClusterSpace {
  return {
    numeric: features.numeric.map(({ kind, column }) => (kind === 'indicator' ? `${column} missing` : column)),
    categorical: features.categorical.map((feature) => ({
      name: feature.column,
      kind: feature.encoding,
      categories: categoriesOf(feature),
      weight: feature.weight,
    })),
  };
}
