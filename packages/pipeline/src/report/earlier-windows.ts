import { type PublishedCount, publishedCount } from '@basketwise/data/published';
import type { CampaignCalibration, RateInterval } from '@basketwise/recommend';
import { publishedRatioOf } from './published-ratio.ts';

/** Purchases of a campaign's targets in earlier windows of the year, against the forecasts that move the level of its probabilities. */
export type EarlierWindows = CampaignCalibration['earlier'];

/** Published purchases of earlier windows: the ratio of purchases to their forecast with its 95 % interval, null where a number is small. */
export interface PublishedEarlierWindows {
  windows: number;
  bought: PublishedCount;
  expected: PublishedCount;
  ratio: RateInterval | null;
}

/** Publishable purchases of earlier windows: the ratio is that of the published numbers. */
export function publishedEarlier({ windows, bought, expected }: EarlierWindows): PublishedEarlierWindows {
  const shown = { bought: publishedCount(bought), expected: publishedCount(Math.round(expected)) };
  return { windows, ...shown, ratio: publishedRatioOf(shown.bought || null, shown.expected) };
}
