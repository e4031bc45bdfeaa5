import {
  type BankRecords,
  type HoldingBatch,
  numbersInBank,
  type PlainDate,
  required,
  type SomeCustomers,
} from '@basketwise/core/parts';
import { hash, pick } from './hash.ts';

/** Folds of customers. */
export const folds = 5;

/** Seeds of the folds, and of what is hidden from a fold and from that inside it. */
const seeds = { fold: 101, hide: 202, inner: 303 } as const;

/** Folds whose hidden products are learned from, where there are no dates: the next ones after the fold that is tested elsewhere, where one is. */
export function learningFolds(hidden: number | undefined): number[] {
  return [1, 2, 3, 4].map((step) => ((hidden ?? -1) + step) % folds);
}

/** Whose holdings are hidden, where there are no dates: each customer of a fold with two products or more loses one. */
export interface HiddenFolds {
  /** Customers of this fold lose something, which is to be found. */
  tested: number;
  /** Customers of this fold lose something that is not known at all: they are tested elsewhere. */
  unknown?: number | undefined;
  /** The sample whose records they are; absent: all customers. */
  sample?: SomeCustomers | undefined;
}

/** Products that are hidden: what is left of holdings without them, and which are to be found, by customer. */
export interface HiddenHoldings {
  keep: (batch: HoldingBatch) => HoldingBatch;
  added: ReadonlyMap<number, readonly number[]>;
}

/** Hides a product each of some customers (docs/evaluation.md). Products of one group are one; all of them are hidden. */
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
  const found = [...hidden].filter(([customer]) => hash(original(customer), seeds.fold) % folds === tested);
  return {
    keep: (batch) => withoutHidden(batch, isHidden),
    added: new Map(found.map(([customer, key]) => [customer, [required(productOf, key)]])),
  };
}

/** The numbers that customers of a sample have in the bank: folds are those of all customers. */
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
