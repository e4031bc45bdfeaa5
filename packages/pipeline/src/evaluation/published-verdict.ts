import type { CampaignVerdict } from '@basketwise/recommend';
import { type PublishedCount, publishedCount } from '../values/published-count.ts';

/** A verdict as it may be published. */
export function publishedVerdict(found: CampaignVerdict): Omit<CampaignVerdict, 'tested'> & { tested: PublishedCount } {
  const round = (value: number) => Number(value.toFixed(4));
  const { gap, ndcg, tested } = found;
  const rounded = { ...gap, mean: round(gap.mean), low: round(gap.low), high: round(gap.high) };
  return { ...found, tested: publishedCount(tested), ndcg: round(ndcg), gap: rounded };
}
