import { exp } from '@basketwise/core/parts';
import type { RandomStream } from './random.ts';

/** Number of distinguished ages: 0 to 99. */
const ages = 100;
const [youngest, oldest] = [18, 76];
/** Years around a product's own age with high preference, and the preference far from it. */
const ageWidth = 9;
const farAppeal = 0.03;
/** Greatest reduction of one sex's preference: exp(-3). */
const mostSexGap = 3;

/** Preference for each line by (line, sex, age), 0 to 1. */
export type Leanings = Float64Array;

/** Draws for each line its preferred age, and the sex with the lower preference. */
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

/** Preference of a customer of an age (years) and sex (1, 2) for a line, 0 to 1. */
export function likingOf(leanings: Leanings, line: number, { age, sex }: { age: number; sex: number }): number {
  return leanings[(line * 2 + sex - 1) * ages + Math.max(0, Math.min(ages - 1, Math.floor(age)))]!;
}
