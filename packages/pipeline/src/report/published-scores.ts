import { type PublishedCount, publishedCount, publishedMiddle, publishedValue } from '@basketwise/data/published';
import type { CampaignVerdict } from '@basketwise/recommend';

/** Publishable verdict. */
export function publishedVerdict(found: CampaignVerdict): Omit<CampaignVerdict, 'tested'> & { tested: PublishedCount } {
  const round = (value: number) => Number(value.toFixed(4));
  const { gap, ndcg, tested } = found;
  const rounded = { ...gap, mean: round(gap.mean), low: round(gap.low), high: round(gap.high) };
  return { ...found, tested: publishedCount(tested), ndcg: round(ndcg), gap: rounded };
}

/**
 * Publishable scores of probabilities. The score of the common rate is computed from published numbers.
 * It times the ratio of the exact scores gives the score of the probabilities.
 * Exact scores, or the exact sum of the probabilities, would reveal the number of purchases. Null if these are few.
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
