import { exp } from '@basketwise/core/parts';
import type { RandomStream } from './random.ts';

/** Ages that are told apart: 0 .. 99. */
const ages = 100;
const [youngest, oldest] = [18, 76];
/** Years around a product's own age within which it is liked, and what is left of its appeal far from it. */
const ageWidth = 9;
const farAppeal = 0.03;
/** How much less one sex likes a product than the other, at most: exp(-3). */
const mostSexGap = 3;

/** How customers of an age and sex like each line: a number of 0 .. 1 by (line, sex, age). */
export type Leanings = Float64Array;

/** Draws for each line the age that it is made for, and which sex likes it less. */
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

/** How a customer of an age (years) and sex (1, 2) likes a line: 0 .. 1. */
export function likingOf(leanings: Leanings, line: number, { age, sex }: { age: number; sex: number }): number {
  return leanings[(line * 2 + sex - 1) * ages + Math.max(0, Math.min(ages - 1, Math.floor(age)))]!;
}
