import { publishedCount, publishedShare } from '@basketwise/data/published';
import type { ProbabilityJudge, ProbabilityQuality } from './judge-probabilities.ts';
import type { ProductResponse } from './product-responses.ts';

/** Rounds to four decimals. If a product has few purchasers, further decimals would reveal their number. */
const roundMetric = (value: number) => Number(value.toFixed(4));

/** Response of a product, rounded for publication. The product has at least ten purchasers. */
export function publishedResponse({ product, auc, topDecileLift, buyers, customers }: ProductResponse): ProductResponse {
  const counts = { buyers: publishedCount(buyers) ?? 0, customers: publishedCount(customers) ?? 0 };
  return { product, auc: roundMetric(auc), topDecileLift: roundMetric(topDecileLift), ...counts };
}

/**
 * Quality of probabilities, rounded for publication. Lines of too few recommendations are left out, and shares are computed from
 * published numbers.
 */
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
