import type { EvaluationWindow } from '@basketwise/core/parts';
import type { PublishedCount } from '@basketwise/data/published';
import type { tuningVersion } from '@basketwise/pipeline/parts';
import type { TuningEvidence } from './evidence.ts';
import type { TuningTrial } from './trials-file.ts';

/** Results of tuning a campaign. */
export interface CampaignTuning {
  campaign: string;
  /** Customers of the inner split. Null: some, but fewer than 10. */
  tested: PublishedCount;
  /** Score of the config's own model on the inner split. Null if it is `automatic`. */
  current: number | null;
  /** Trials, best first; ties: the earlier one of the grid. Empty with fewer than 20 customers. */
  trials: TuningTrial[];
  /** Results of the chosen parameters in the outer window. Null if none were chosen or the window has no test customers. */
  evidence: TuningEvidence | null;
}

/** Results of a tuning. */
export interface TuningReport {
  version: typeof tuningVersion;
  /** Inner window, which ends at the end of `evaluate`'s training data. */
  window: EvaluationWindow;
  /** Outer window, in which only the chosen parameters are tested. */
  outer: EvaluationWindow;
  metric: string;
  campaigns: CampaignTuning[];
}
