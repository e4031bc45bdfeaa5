import { type PublishedCount, publishedMiddle, publishedValue } from '@basketwise/data/published';
import { countRatio, type RateInterval } from '@basketwise/recommend';

/** Rounds an estimate and its interval to three digits. */
export function publishedInterval(estimate: RateInterval | null): RateInterval | null {
  if (estimate === null) return null;
  const { value, low, high } = estimate;
  return { value: publishedValue(value), low: publishedValue(low), high: publishedValue(high) };
}

/**
 * Ratio of purchases to their expectation with its 95 % interval, computed from published numbers. Null if one of the numbers is
 * too small to publish.
 */
export function publishedRatioOf(bought: PublishedCount, expected: PublishedCount): RateInterval | null {
  if (bought === null || expected === null) return null;
  return publishedInterval(countRatio(publishedMiddle(bought), publishedMiddle(expected)));
}
