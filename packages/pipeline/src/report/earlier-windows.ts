import { type PublishedCount, publishedCount } from '@basketwise/data/published';
import type { CampaignCalibration, RateInterval } from '@basketwise/recommend';
import { publishedRatioOf } from './published-ratio.ts';

/**
 * For each window of the last year: number of products that the campaign's target customers purchased, and the number that was forecast. The
 * probabilities of this run come from a forecast by the same method.
 */
export type EarlierWindows = CampaignCalibration['earlier'];

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
  return { windows, ...shown, ratio: publishedRatioOf(shown.bought || null, shown.expected) };
}
