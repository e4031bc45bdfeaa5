import type { DataSet } from './real-sets.ts';

/** A number of a customer that looks random (Knuth, The Art of Computer Programming 3, 6.4). */
const scrambled = (customer: number) => (Math.imul(customer + 1, 2_654_435_761) >>> 0) / 2 ** 32;

/** Whether a customer is tested: every fifth. */
export const isTested = (customer: number) => customer % 5 === 0;

/** The product held out of each customer with two products or more. */
export function heldOut({ sets }: DataSet): Map<number, number> {
  const several = [...sets.entries()].filter(([, items]) => items.length > 1);
  return new Map(several.map(([customer, items]) => [customer, items[Math.floor(scrambled(customer) * items.length)]!]));
}

/** A set without the products held out. @param out a product by customer */
export function without(set: DataSet, out: ReadonlyMap<number, number>): DataSet {
  return { ...set, sets: set.sets.map((items, customer) => items.filter((item) => item !== out.get(customer))) };
}
