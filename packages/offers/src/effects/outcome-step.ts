import type { PublishedCount } from '@basketwise/data/published';
import { formatNumber } from '@basketwise/page';
import type { PublishedOutcome } from './published-outcomes.ts';

/** Next step of a campaign: `go on` after a proven positive effect, `stop` after a proven negative one (interval below 0). */
export type Step = 'go on' | 'stop' | 'undecided';

/** Decision on a campaign, from its published effect. */
export function stepOf({ difference, proven }: Pick<PublishedOutcome, 'difference' | 'proven'>): Step {
  if (difference === null) return 'undecided';
  if (proven) return 'go on';
  return difference.high < 0 ? 'stop' : 'undecided';
}

/** Number of customers as text in a sentence. (A hidden number is not always below 10.) */
export function customerCount(customers: PublishedCount): string {
  return customers === null ? 'a hidden number' : formatNumber(customers);
}
