import type { ModelSpec } from '../models/kind.ts';
import type { CampaignCalibration } from './calibrate-side.ts';
import type { Trial } from './choose-model.ts';
import type { EvaluationWindow } from './windows.ts';

/** What `automatic` chose for a campaign, and why. */
export interface CampaignChoice {
  campaign: string;
  spec: ModelSpec;
  /** The window before the reference date on whose purchases it was chosen. */
  window: EvaluationWindow;
  /** Customers who were looked at: all, or a sample; how many of them trained, and how many bought something to test on. */
  customers: number;
  trained: number;
  tested: number;
  /** The best of each candidate, by NDCG@5; none where too few customers bought. */
  trials: readonly Trial[];
  /** On the same purchases, with `calibrate`; null without, and where too few were bought. */
  calibration: CampaignCalibration | null;
  warnings: readonly string[];
}
