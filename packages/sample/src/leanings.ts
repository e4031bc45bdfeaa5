import { exp } from '@basketwise/core/parts';
import type { RandomStream } from './random.ts';

/** Number of ages with a preference of their own: 0 to 99 years. */
const ages = 100;
const [youngest, oldest] = [18, 76];
/** Standard deviation, in years, of the preference around a line's preferred age (`ageWidth`), and the preference far from that age (`farAppeal`). */
const ageWidth = 9;
const farAppeal = 0.03;
/** Largest reduction of one sex's preference, as a negative log: a factor of exp(-3). */
const mostSexGap = 3;

/** Preference for each product line by sex and age, 0 to 1: f64[lines x 2 x ages]. */
export type Leanings = Float64Array;

/** Draws the preferred age of each product line, and the sex whose preference is reduced. */
export function drawLeanings(random: RandomStream, lines: number): Leanings {
  const found = new Float64Array(lines * 2 * ages);
  for (let line = 0; line < lines; line++) {
    const own = youngest + random.uniform() * (oldest - youngest);
    const gap = exp(-mostSexGap * random.uniform());
    const disliking = random.below(2);
    for (let sex = 0; sex < 2; sex++) {
      for (let age = 0; age < ages; age++) {
        const far = (age - own) / ageWidth;
        const liked = farAppeal + (1 - farAppeal) * exp((-far * far) / 2);
        found[(line * 2 + sex) * ages + age] = liked * (sex === disliking ? gap : 1);
      }
    }
  }
  return found;
}

/** Preference for a product line, 0 to 1, of a customer with an age in years and a sex (1 or 2). */
export function likingOf(leanings: Leanings, line: number, { age, sex }: { age: number; sex: number }): number {
  return leanings[(line * 2 + sex - 1) * ages + Math.max(0, Math.min(ages - 1, Math.floor(age)))]!;
}
