import type { ClusterSpace } from '@basketwise/core/parts';

/**
 * Fitted number: (t - offset) * factor with t = x, or t = sign(x) * ln(1 + |x|) with `log`; or the position of x between `knots`.
 * The factor includes the root of the column's weight. Every engine rounds all features to 32-bit floats.
 */
export interface NumericFeature {
  kind: 'number';
  column: string;
  log: boolean;
  offset: number;
  factor: number;
  /** Ascending values at equal steps of the cumulative share, for the quantile scale; else null. */
  knots: readonly number[] | null;
  /** Replacement of a missing value: the median of the fitted customers. */
  median: number;
}

/** `factor` if a value is missing, else 0. For columns with missing values at the fit. */
export interface IndicatorFeature {
  kind: 'indicator';
  column: string;
  factor: number;
}

/** Rank of a category, 0 to 1, times `factor`. Missing and new categories get the middle rank. */
export interface OrdinalFeature {
  kind: 'ordinal';
  column: string;
  categories: readonly string[];
  factor: number;
}

/** Codes of categories. A category outside the list gets the code after the last. */
export interface CategoricalFeature {
  column: string;
  encoding: 'one-hot' | 'native';
  /** Categories in the order of code points. */
  categories: readonly string[];
  /** Whether a missing value is a separate category, coded after the others. */
  missing: boolean;
  weight: number;
}

/** Fitted preprocessing: part of a cluster model, applied unchanged to any customers. Plain JSON values. */
export interface FeatureSet {
  numeric: readonly (NumericFeature | IndicatorFeature | OrdinalFeature)[];
  categorical: readonly CategoricalFeature[];
  /** Excluded columns, which do not distinguish customers. */
  leftOut: readonly { column: string; why: 'constant' | 'all missing' }[];
  /** Absent in models of versions that stored the maximum as the median of a column without missing values. */
  medians?: 'of values';
}

/** Number of categories that a feature distinguishes, including the missing one. */
export function distinctCategories(feature: CategoricalFeature): number {
  return feature.categories.length + (feature.missing ? 1 : 0);
}

/** Space in which the features are compared. */
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
