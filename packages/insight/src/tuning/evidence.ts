import { type ModelSpec, mean } from '@basketwise/core/parts';
import { type PublishedCount, publishedCount } from '@basketwise/data/published';
import { type BootstrapOptions, type Gap, gapBetween } from '@basketwise/recommend';
import { type Score, type TuningSet, valuesOfCases } from './tune-campaign.ts';

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
