import type { UnknownFeature } from './known-features.ts';

/** Outcome of the features of a run. */
export interface FeatureSummary {
  /** Features by which models may rank, with the number of their levels. */
  features: readonly { name: string; levels: number }[];
  unknown: readonly UnknownFeature[];
  warnings: readonly string[];
}
