import type { EvaluationWindow } from '@basketwise/core/parts';
import type { PublishedCount, tuningVersion } from '@basketwise/pipeline/parts';
import type { TuningEvidence } from './evidence.ts';
import type { TuningTrial } from './trials-file.ts';

/** Findings of tuning a campaign. */
export interface CampaignTuning {
  campaign: string;
  /** Customers of the inner split; null: fewer than 10, but some. */
  tested: PublishedCount;
  /** Measure of the config's own model there; null where it is `automatic`. */
  current: number | null;
  /** Best first; ties: the earlier of the grid. None with fewer than 20 customers. */
  trials: TuningTrial[];
  /** The chosen parameters in the outer window; null where nothing was chosen or nobody can be tested there. */
  evidence: TuningEvidence | null;
}

/** Findings of a tuning. */
export interface TuningReport {
  version: typeof tuningVersion;
  /** The inner window: it ends where the training data of `evaluate` ends. */
  window: EvaluationWindow;
  /** The outer window, which only the chosen parameters saw. */
  outer: EvaluationWindow;
  metric: string;
  campaigns: CampaignTuning[];
}
