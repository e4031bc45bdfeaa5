import type { EvaluationWindow } from '@basketwise/core/parts';
import type { PublishedCount } from '@basketwise/data/published';
import type { tuningVersion } from '@basketwise/pipeline/parts';
import type { TuningEvidence } from './evidence.ts';
import type { TuningTrial } from './trials-file.ts';

/** Results of tuning one campaign. */
export interface CampaignTuning {
  campaign: string;
  /** Number of test customers in the inner window. Null: 1 to 9. */
  tested: PublishedCount;
  /** Score of the config's own model in the inner window. Null if the model is `automatic`. */
  current: number | null;
  /** Trials, best first (ties: in the order of the grid). Empty if there are fewer than 20 test customers. */
  trials: TuningTrial[];
  /** Results of the chosen parameters in the outer window. Null if none were chosen, or if the window has no test customers. */
  evidence: TuningEvidence | null;
}

/** Results of a tuning. */
export interface TuningReport {
  version: typeof tuningVersion;
  /** Inner window, in which trials are compared. It ends where the training data of `evaluate` end. */
  window: EvaluationWindow;
  /** Outer window, in which only the chosen parameters are tested. */
  outer: EvaluationWindow;
  metric: string;
  campaigns: CampaignTuning[];
}
