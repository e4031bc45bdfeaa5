import type { Catalog } from './catalog.ts';
import { drawIndex, drawNormal } from './distribution.ts';
import type { SampleBank } from './options.ts';
import { RandomStream } from './random.ts';
import type { Taste } from './taste.ts';

/** Personal data of a customer that purchases depend on. */
export interface Person {
  segment: number;
  /** Whole years on the reference date. */
  age: number;
  /** 1 or 2. */
  sex: number;
}

/** Stream of a customer's segment and personal data. The data of a `Person` are its first draws. */
export const personStream = 1;
/** Mean age of each segment. */
const segmentAge = [52, 66, 58, 45, 72, 34, 61, 24, 78, 39, 29, 17];
const ageDeviation = 9;

/** Draws a person. @param random at the start of the customer's sequence */
export function drawPerson(random: RandomStream, taste: Taste): Person {
  const segment = drawIndex(random, taste.segments);
  const age = Math.min(98, Math.max(8, Math.round(segmentAge[segment]! + ageDeviation * drawNormal(random))));
  return { segment, age, sex: random.chance(0.5) ? 1 : 2 };
}

/** Draws the persons of customers `from` to `to - 1`. */
export function drawPersons({ seed }: SampleBank, { taste }: Catalog, from: number, to: number): Person[] {
  const random = new RandomStream(seed, personStream);
  return Array.from({ length: to - from }, (_, i) => drawPerson(random.at(from + i), taste));
}
