import { publishedCount, publishedShare } from '@basketwise/data/published';
import type { ProbabilityJudge, ProbabilityQuality } from './judge-probabilities.ts';
import type { ProductResponse } from './product-responses.ts';

/** Four decimals: with a product's few purchasers, more would reveal their number. */
const roundMetric = (value: number) => Number(value.toFixed(4));

/** A publishable product response; it has ten purchasers or more. */
export function publishedResponse({ product, auc, topDecileLift, buyers, customers }: ProductResponse): ProductResponse {
  const counts = { buyers: publishedCount(buyers) ?? 0, customers: publishedCount(customers) ?? 0 };
  return { product, auc: roundMetric(auc), topDecileLift: roundMetric(topDecileLift), ...counts };
}

/** Publishable quality of probabilities: lines of too few recommendations are omitted, shares are of published numbers. */
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
