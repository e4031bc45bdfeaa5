import { smallestShare } from '../generated/layouts.ts';
import { log } from '../numbers/elementary.ts';

/** How scores enter a sum. `raw`: as they are. `log`: the logarithm of a share, cut below at one in a million. */
export type ScoreScale = 'raw' | 'log';

/** A score on a scale. */
export function scaled(score: number, scale: ScoreScale): number {
  return scale === 'raw' ? score : log(Math.max(score, smallestShare));
}
