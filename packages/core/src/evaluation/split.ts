import { hash, pick } from './hash.ts';

/** Items (columns) of each customer, ascending: plain sets, without dates. */
export type ItemSets = readonly (readonly number[])[];

/** A customer to be tested: what is known of them, and what is to be found. */
export interface TestCase {
  /** Index of the customer in the whole data. */
  customer: number;
  /** Products that they hold, ascending; there may be none. */
  basket: readonly number[];
  /** Products that were hidden, or acquired in the window: none of them is in the basket. */
  targets: readonly number[];
}

/** Baskets that train, and cases that test. Every customer trains with what is left of their basket. */
export interface Split {
  train: ItemSets;
  test: readonly TestCase[];
}

/** Seeds of the protocol (docs/evaluation.md). */
const foldSeed = 101;
export const hidingSeeds = { hide: 202, inner: 303 } as const;

/** Which of the folds a customer is tested in. */
export function foldOf(customer: number, folds: number): number {
  return hash(customer, foldSeed) % folds;
}

function hideOne(sets: ItemSets, fold: number, folds: number, seed: number): Split {
  const test: TestCase[] = [];
  const train = sets.map((items, customer) => {
    if (items.length < 2 || foldOf(customer, folds) !== fold) return items;
    const place = pick(hash(customer, seed), items.length);
    const basket = items.filter((_, i) => i !== place);
    test.push({ customer, basket, targets: [items[place]!] });
    return basket;
  });
  return { train, test };
}

/**
 * Leave-one-out by customers: those of the fold who have at least two items lose one each; all others keep everything.
 * Hiding from everybody at once would destroy the very co-occurrences that are to be learned.
 */
export function leaveOneOut(sets: ItemSets, fold: number, folds = 5): Split {
  return hideOne(sets, fold, folds, hidingSeeds.hide);
}

/** The split inside a training set, for tuning: customers of the next fold lose one of what is left. */
export function innerLeaveOneOut(outer: Split, fold: number, folds = 5): Split {
  return hideOne(outer.train, (fold + 1) % folds, folds, hidingSeeds.inner);
}

/** First acquisition of an item by a customer. */
export interface Acquisition {
  customer: number;
  item: number;
  /** Any scale that rises with time: days, for one. */
  time: number;
}

/**
 * Temporal split: history is what was first acquired before `at`; customers with history and a new item in [at, at + window) are tested.
 * Nothing from `at` on is in `train`.
 */
export function temporalSplit(acquisitions: readonly Acquisition[], customers: number, at: number, window: number): Split {
  const train: number[][] = Array.from({ length: customers }, () => []);
  const added: number[][] = Array.from({ length: customers }, () => []);
  for (const { customer, item, time } of acquisitions) {
    if (time < at) train[customer]!.push(item);
    else if (time < at + window) added[customer]!.push(item);
  }
  const test: TestCase[] = [];
  for (const [customer, basket] of train.entries()) {
    basket.sort((a, b) => a - b);
    const targets = added[customer]!.filter((item) => !basket.includes(item)).sort((a, b) => a - b);
    if (basket.length > 0 && targets.length > 0) test.push({ customer, basket, targets });
  }
  return { train, test };
}
