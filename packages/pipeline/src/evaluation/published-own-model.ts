import { publishedCount, publishedMiddle, publishedShare, publishedValue } from '../values/published-count.ts';
import type { ProbabilityJudge, ProbabilityQuality } from './judge-probabilities.ts';
import type { ProductResponse } from './product-responses.ts';

/** Four decimals: of a product's few buyers, more would tell their number. */
const roundMetric = (value: number) => Number(value.toFixed(4));

/** A product's response as it may be published; it has ten buyers or more. */
export function publishedResponse({ product, auc, topDecileLift, buyers, customers }: ProductResponse): ProductResponse {
  const counts = { buyers: publishedCount(buyers) ?? 0, customers: publishedCount(customers) ?? 0 };
  return { product, auc: roundMetric(auc), topDecileLift: roundMetric(topDecileLift), ...counts };
}

/**
 * Scores of probabilities that may be passed on. That of the rate of all is computed from published numbers, and that of the probabilities is as many times as
 * large as it is of the exact ones: exact scores, and the exact sum of the probabilities, would tell how many bought. Null where few did.
 */
export function publishedScores<T extends Pick<ProbabilityQuality, 'pairs' | 'bought' | 'expected' | 'brier' | 'brierOfRate'>>(
  quality: T,
): Omit<T, 'brier' | 'brierOfRate'> & { brier: number | null; brierOfRate: number | null } {
  const { pairs, bought, expected, brier, brierOfRate } = quality;
  const rounded = { ...quality, expected: publishedCount(expected) ?? 0 };
  if (pairs === 0 || bought === 0) return { ...rounded, brier: null, brierOfRate: null };
  const rate = Math.min(1, publishedMiddle(bought) / publishedMiddle(pairs));
  const ofRate = rate * (1 - rate);
  const ratio = brierOfRate === 0 ? 1 : brier / brierOfRate;
  return { ...rounded, brier: publishedValue(publishedValue(ratio) * ofRate), brierOfRate: publishedValue(ofRate) };
}

/** How good probabilities are, as it may be published: lines of too few recommendations are left out, shares are of published numbers. */
export function publishedQuality(judge: ProbabilityJudge): ProbabilityQuality | null {
  const quality = judge.quality();
  if (quality === null) return null;
  const reliability = quality.reliability.flatMap(({ pairs, predicted, observed }) => {
    const shown = publishedCount(pairs);
    const share = publishedShare(publishedCount(Math.round(observed! * pairs)), shown);
    return shown === null ? [] : [{ pairs: shown, predicted: roundMetric(predicted), observed: share }];
  });
  const { pairs, bought, expected } = quality;
  const counts = { pairs: publishedCount(pairs) ?? 0, bought: publishedCount(bought) ?? 0, expected: Math.round(expected) };
  return { ...quality, ...counts, reliability };
}
