import type { UnknownFeature } from './known-features.ts';

/** Result of the features of a run. */
export interface FeatureSummary {
  /** Features that models can rank by, with the number of their levels. */
  features: readonly { name: string; levels: number }[];
  unknown: readonly UnknownFeature[];
  warnings: readonly string[];
}
