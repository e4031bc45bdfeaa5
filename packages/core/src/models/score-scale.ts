import { smallestShare } from '../generated/layouts.ts';
import { log } from '../numbers/elementary.ts';

/** Scale of scores in a sum. `raw`: unchanged. `log`: the logarithm of a share, cut below at one in a million. */
export type ScoreScale = 'raw' | 'log';

/** A score on a scale. */
export function scaled(score: number, scale: ScoreScale): number {
  return scale === 'raw' ? score : log(Math.max(score, smallestShare));
}
