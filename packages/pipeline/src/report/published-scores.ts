import { type PublishedCount, publishedCount, publishedMiddle, publishedValue } from '@basketwise/data/published';
import type { CampaignVerdict } from '@basketwise/recommend';

/** Rounds a verdict for publication. */
export function publishedVerdict(found: CampaignVerdict): Omit<CampaignVerdict, 'tested'> & { tested: PublishedCount } {
  const round = (value: number) => Number(value.toFixed(4));
  const { gap, ndcg, tested } = found;
  const rounded = { ...gap, mean: round(gap.mean), low: round(gap.low), high: round(gap.high) };
  return { ...found, tested: publishedCount(tested), ndcg: round(ndcg), gap: rounded };
}

/**
 * Rounds the Brier scores of probabilities for publication, because exact scores would reveal the number of purchases.
 * `brierOfRate`, the score of the common rate r, is r (1 - r), with r from published numbers. `brier`, the score of the
 * probabilities, is `brierOfRate` times the ratio of the exact scores. Both are null if purchases are too few to publish.
 */
export function publishedScores<T extends Record<'pairs' | 'bought' | 'expected' | 'brier' | 'brierOfRate', number>>(
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
