import type { Catalog } from './catalog.ts';
import { drawIndex, drawNormal } from './distribution.ts';
import type { SampleBank } from './options.ts';
import { RandomStream } from './random.ts';
import type { Taste } from './taste.ts';

/** Personal data of a customer on which purchases depend. */
export interface Person {
  segment: number;
  /** Age on the reference date, in whole years. */
  age: number;
  /** Sex code: 1 or 2. */
  sex: number;
}

/** Number of the random stream of customers' segments and personal data. Each customer's sequence starts with the data of `Person`. */
export const personStream = 1;
/** Mean age of each segment, in years. */
const segmentAge = [52, 66, 58, 45, 72, 34, 61, 24, 78, 39, 29, 17];
const ageDeviation = 9;

/** Draws the personal data of a customer. @param random positioned at the start of the customer's sequence */
export function drawPerson(random: RandomStream, taste: Taste): Person {
  const segment = drawIndex(random, taste.segments);
  const age = Math.min(98, Math.max(8, Math.round(segmentAge[segment]! + ageDeviation * drawNormal(random))));
  return { segment, age, sex: random.chance(0.5) ? 1 : 2 };
}

/** Draws the personal data of the customers `from` to `to - 1`. */
export function drawPersons({ seed }: SampleBank, { taste }: Catalog, from: number, to: number): Person[] {
  const random = new RandomStream(seed, personStream);
  return Array.from({ length: to - from }, (_, i) => drawPerson(random.at(from + i), taste));
}
