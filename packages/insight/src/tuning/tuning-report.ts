import type { EvaluationWindow } from '@basketwise/core/parts';
import type { PublishedCount } from '@basketwise/data/published';
import type { tuningVersion } from '@basketwise/pipeline/parts';
import type { TuningEvidence } from './evidence.ts';
import type { TuningTrial } from './trials-file.ts';

/** Results of tuning a campaign. */
export interface CampaignTuning {
  campaign: string;
  /** Customers of the inner split; null: fewer than 10, but some. */
  tested: PublishedCount;
  /** Score of the config's own model there; null if it is `automatic`. */
  current: number | null;
  /** Best first; ties: the earlier one of the grid. Empty with fewer than 20 customers. */
  trials: TuningTrial[];
  /** The chosen parameters in the outer window; null if none were chosen or the window has no test customers. */
  evidence: TuningEvidence | null;
}

/** Results of a tuning. */
export interface TuningReport {
  version: typeof tuningVersion;
  /** The inner window: it ends at the end of `evaluate`'s training data. */
  window: EvaluationWindow;
  /** The outer window, used by the chosen parameters alone. */
  outer: EvaluationWindow;
  metric: string;
  campaigns: CampaignTuning[];
}
