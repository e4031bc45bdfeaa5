import {
  type PublishedCount,
  publishedCount,
  publishedMiddle,
  publishedRange,
  publishedValue,
  smallestPublished,
} from '@basketwise/data/base';
import { type CampaignCalibration, countRatio, type RateInterval } from '@basketwise/recommend';

/** Rounds an estimate and its interval to three digits. */
export function publishedInterval(estimate: RateInterval | null): RateInterval | null {
  if (estimate === null) return null;
  const { value, low, high } = estimate;
  return { value: publishedValue(value), low: publishedValue(low), high: publishedValue(high) };
}

/** Ratio of two published numbers, and its bounds. A bound can be known where the ratio is not. */
export interface PublishedRatio {
  ratio: RateInterval | null;
  least: number | null;
  most: number | null;
}

/**
 * Ratio of purchases to their expectation, of the middles of both tens. Its interval covers the exact 95 % intervals of all numbers that the published
 * ones stand for: `least` is of the fewest purchases over the greatest expectation, `most` the reverse. Suppressed purchases count as at most 9, and a
 * suppressed expectation as at most 10. Null where this leaves no bound.
 */
export function publishedRatioOf(bought: PublishedCount, expected: PublishedCount): PublishedRatio {
  const [fewest, greatest] = bought === null ? [0, smallestPublished - 1] : publishedRange(bought);
  const isLow = bought !== null && (bought > 0 || Boolean(expected));
  const least = isLow ? publishedValue(countRatio(fewest, (expected ?? 0) + smallestPublished)!.low) : null;
  const most = expected ? publishedValue(countRatio(greatest, expected)!.high) : null;
  if (bought === null || least === null || !expected || most === null) return { ratio: null, least, most };
  const value = publishedValue(publishedMiddle(bought) / publishedMiddle(expected));
  return { ratio: { value, low: least, high: most }, least, most };
}

/**
 * For each window of the last year: number of products that the campaign's target customers purchased, and the number that was forecast. The
 * probabilities of this run come from a forecast by the same method.
 */
export type EarlierWindows = NonNullable<CampaignCalibration['earlier']>;

/**
 * Publishable purchases of earlier windows, and their ratio to the forecast with its 95 % interval. A number is null if it is too small to publish.
 */
export interface PublishedEarlierWindows {
  windows: number;
  bought: PublishedCount;
  expected: PublishedCount;
  ratio: RateInterval | null;
}

/** Rounds the purchases of earlier windows for publication. The ratio is computed from the rounded numbers. */
export function publishedEarlier({ windows, bought, expected }: EarlierWindows): PublishedEarlierWindows {
  const shown = { bought: publishedCount(bought), expected: publishedCount(Math.round(expected)) };
  return { windows, ...shown, ratio: publishedRatioOf(shown.bought || null, shown.expected).ratio };
}
