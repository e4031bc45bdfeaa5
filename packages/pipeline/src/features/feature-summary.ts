import type { UnknownFeature } from './known-features.ts';

/** Summary of the stage `features`. */
export interface FeatureSummary {
  /** Features that models can rank by, with the number of their levels. */
  features: readonly { name: string; levels: number }[];
  unknown: readonly UnknownFeature[];
  warnings: readonly string[];
}
