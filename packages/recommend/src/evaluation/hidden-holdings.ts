import {
  type BankRecords,
  type HoldingBatch,
  numbersInBank,
  type PlainDate,
  required,
  type SomeCustomers,
} from '@basketwise/core';
import { hash, pick } from './hash.ts';

/** Number of folds of customers. */
export const folds = 5;

/**
 * Seeds of three draws. `fold`: folds of customers. `hide`: held-out products of a fold. `inner`: held-out products of a fold if an outer test
 * already holds out another one.
 */
const seeds = { fold: 101, hide: 202, inner: 303 } as const;

/** Training folds for holdings without dates: the four folds after the fold of the outer test. Without an outer test, folds 0 to 3. */
export function learningFolds(hidden: number | undefined): number[] {
  return [1, 2, 3, 4].map((step) => ((hidden ?? -1) + step) % folds);
}

/**
 * Customers with a held-out product, for holdings without dates. Each customer of a chosen fold who holds at least two products has one product held
 * out.
 */
export interface HiddenFolds {
  /** Fold of the customers whose held-out product is the target of a test case. */
  tested: number;
  /** Fold of the customers of an outer test. Their held-out products occur in no data. */
  unknown?: number | undefined;
  /** Sample of customers whose records are used. Absent: all customers. */
  sample?: SomeCustomers | undefined;
}

/**
 * Result of holding out products. `keep` removes the held-out products from a batch of holdings. `added` has the held-out product of each customer of
 * the tested fold.
 */
export interface HiddenHoldings {
  keep: (batch: HoldingBatch) => HoldingBatch;
  added: ReadonlyMap<number, readonly number[]>;
  /** Customers of the outer test's fold who have a held-out product. */
  elsewhere: ReadonlySet<number>;
}

/**
 * Holds out one product of each customer of a fold (docs/models.md). Products of one equivalence group count as one product and are held out
 * together.
 */
export async function hideHoldings(
  records: BankRecords,
  date: PlainDate,
  { tested, unknown, sample }: HiddenFolds,
): Promise<HiddenHoldings> {
  const products = await records.products();
  const original = originalNumbers(sample);
  const seedOf = (customer: number): number | null => {
    const fold = hash(original(customer), seeds.fold) % folds;
    if (fold === unknown) return seeds.hide;
    if (fold !== tested) return null;
    return unknown === undefined ? seeds.hide : seeds.inner;
  };
  const held = new Map<number, Set<string>>();
  for await (const { customer, product } of records.holdings(date)) {
    for (let i = 0; i < customer.length; i++) {
      if (seedOf(customer[i]!) === null) continue;
      const keys = held.get(customer[i]!) ?? new Set();
      held.set(customer[i]!, keys.add(products[product[i]!]!.groupKey));
    }
  }
  const hidden = new Map<number, string>();
  for (const [customer, keys] of held) {
    if (keys.size < 2) continue;
    hidden.set(customer, [...keys].sort()[pick(hash(original(customer), seedOf(customer)!), keys.size)]!);
  }
  const isHidden = (customer: number, product: number) => hidden.get(customer) === products[product]!.groupKey;
  const productOf = new Map(products.map(({ groupKey }, product) => [groupKey, product]));
  const isTested = (customer: number) => hash(original(customer), seeds.fold) % folds === tested;
  const found = [...hidden].filter(([customer]) => isTested(customer));
  return {
    keep: (batch) => withoutHidden(batch, isHidden),
    added: new Map(found.map(([customer, key]) => [customer, [required(productOf, key)]])),
    elsewhere: new Set([...hidden.keys()].filter((customer) => !isTested(customer))),
  };
}

/** Returns a function from a customer's number in the sample to the number in the bank. Folds are drawn by the number in the bank. */
function originalNumbers(sample: SomeCustomers | undefined): (customer: number) => number {
  if (sample === undefined) return (customer) => customer;
  const originals = numbersInBank(sample);
  return (customer) => originals[customer]!;
}

function withoutHidden(batch: HoldingBatch, isHidden: (customer: number, product: number) => boolean): HoldingBatch {
  const { customer, product, days } = batch;
  const isKept = (_: number, i: number) => !isHidden(customer[i]!, product[i]!);
  return { customer: customer.filter(isKept), product: product.filter(isKept), days: days.filter(isKept) };
}
