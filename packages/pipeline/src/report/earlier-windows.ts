import { type PublishedCount, publishedCount, publishedMiddle, publishedValue } from '@basketwise/data/published';
import { type CampaignCalibration, countInterval } from '@basketwise/recommend';

/** Purchases of a campaign's targets in earlier windows of the year, against the forecasts that move the level of its probabilities. */
export type EarlierWindows = CampaignCalibration['earlier'];

/** Published purchases of earlier windows: the ratio of purchases to their forecast with its 95 % interval, null where a number is small. */
export interface PublishedEarlierWindows {
  windows: number;
  bought: PublishedCount;
  expected: PublishedCount;
  ratio: { value: number; low: number; high: number } | null;
}

/** Publishable purchases of earlier windows: the ratio is that of the published numbers. */
export function publishedEarlier({ windows, bought, expected }: EarlierWindows): PublishedEarlierWindows {
  const shown = { bought: publishedCount(bought), expected: publishedCount(Math.round(expected)) };
  if (!shown.bought || !shown.expected) return { windows, ...shown, ratio: null };
  const { value, low, high } = countInterval(publishedMiddle(shown.bought));
  const share = (count: number) => publishedValue(count / publishedMiddle(shown.expected!));
  return { windows, ...shown, ratio: { value: share(value), low: share(low), high: share(high) } };
}
