import {
  type BankRecords,
  type HoldingBatch,
  numbersInBank,
  type PlainDate,
  required,
  type SomeCustomers,
} from '@basketwise/core/parts';
import { hash, pick } from './hash.ts';

/** Number of folds of customers. */
export const folds = 5;

/** Seeds for three draws: the folds, the holdings held out of a fold, and the holdings held out inside it. */
const seeds = { fold: 101, hide: 202, inner: 303 } as const;

/** Training folds for data without dates: the folds that follow the one tested elsewhere, if any. */
export function learningFolds(hidden: number | undefined): number[] {
  return [1, 2, 3, 4].map((step) => ((hidden ?? -1) + step) % folds);
}

/**
 * Customers with held-out holdings, for data without dates. Each customer of a fold with two products or more has one held out.
 */
export interface HiddenFolds {
  /** Fold whose customers have a held-out product as target. */
  tested: number;
  /** Fold of customers who are tested elsewhere. Each has a held-out product, which is in no data. */
  unknown?: number | undefined;
  /** Sample of the records. Absent: all customers. */
  sample?: SomeCustomers | undefined;
}

/** Remaining holdings, and the held-out products as targets, by customer. */
export interface HiddenHoldings {
  keep: (batch: HoldingBatch) => HoldingBatch;
  added: ReadonlyMap<number, readonly number[]>;
  /** Customers of the fold tested elsewhere with a held-out product. */
  elsewhere: ReadonlySet<number>;
}

/**
 * Holds out one product of each of some customers (docs/evaluation.md). Products of one group count as one, and all of them are
 * held out.
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

/** Function from a customer's number in the sample to the number in the bank. Folds are the folds of all customers. */
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
