import { type EvaluationWindow, type ModelSpec, mean } from '@basketwise/core';
import { type PublishedCount, publishedCount } from '@basketwise/data/base';
import type { tuningVersion } from '@basketwise/pipeline';
import { type BootstrapOptions, type Gap, gapBetween } from '@basketwise/recommend';
import type { TuningTrial } from './trials-file.ts';
import { type Score, type TuningSet, valuesOfCases } from './tune-campaign.ts';

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

/** Results of the chosen parameters in the outer window, which is used only once. */
export interface TuningEvidence {
  /** Number of test customers. Null: 1 to 9. */
  tested: PublishedCount;
  /** Mean of the metric with the chosen parameters. `current` and `popularity` are the means of the other two models. */
  chosen: number;
  current: number | null;
  popularity: number;
  /** Paired differences: chosen minus the other model. Null if there are too few customers for an interval. */
  minusCurrent: Gap | null;
  minusPopularity: Gap | null;
}

/** Tests the chosen parameters, the model of the config and popularity on the same customers. */
export async function evidenceFor(
  evaluationSet: TuningSet,
  chosen: ModelSpec,
  current: ModelSpec | null,
  score: Score,
  resampling: BootstrapOptions,
): Promise<TuningEvidence> {
  const test = (spec: ModelSpec) => valuesOfCases(evaluationSet, spec, score);
  const best = await test(chosen);
  const popular = await test({ kind: 'popularity', of: 'holders' });
  const own = current && (await test(current));
  const gap = (other: Float64Array | null) => (other === null ? null : gapBetween(best, other, resampling));
  return {
    tested: publishedCount(best.length),
    ...{ chosen: mean(best), current: own === null ? null : mean(own), popularity: mean(popular) },
    ...{ minusCurrent: gap(own), minusPopularity: gap(popular) },
  };
}
