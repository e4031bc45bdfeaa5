import type { BankRecords, HoldingBatch } from '../campaigns/bank-records.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { numbersInBank, type SomeCustomers } from '../campaigns/some-customers.ts';
import type { PlainDate } from '../dates/plain-date.ts';
import { required } from '../required.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type BankAt, type BankAtOptions, loadBankAt } from './bank-at.ts';
import { hash, pick } from './hash.ts';

/** Folds of customers. */
export const folds = 5;

/** Seeds of the folds, and of what is hidden from a fold and from that inside it. */
const seeds = { fold: 101, hide: 202, inner: 303 } as const;

/** Whose holdings are hidden, where there are no dates: each customer of a fold with two products or more loses one. */
export interface HiddenFolds {
  /** Customers of this fold lose something, which is to be found. */
  tested: number;
  /** Customers of this fold lose something that is not known at all: they are tested elsewhere. */
  unknown?: number | undefined;
}

/**
 * Loads a bank without dates as it would be if some customers held one product less (docs/evaluation.md): the hidden products are what is to be
 * found. Products of one group are one; all of them are hidden.
 * @param sample the sample whose records they are; absent: all customers
 */
export async function loadBankHiding(
  pool: KernelPool,
  records: BankRecords,
  config: BankSettings,
  plans: readonly CampaignPlan[],
  date: PlainDate,
  { tested, unknown }: HiddenFolds,
  { sample, ...options }: BankAtOptions & { sample?: SomeCustomers | undefined } = {},
): Promise<BankAt> {
  const products = await records.products();
  const original = originalNumbers(sample);
  const seedOf = (customer: number): number | null => {
    const fold = hash(original(customer), seeds.fold) % folds;
    if (fold === unknown) return seeds.hide;
    if (fold !== tested) return null;
    return unknown === undefined ? seeds.hide : seeds.inner;
  };
  const held = new Map<number, Set<string>>();
  for await (const { customer, product } of records.holdings(date, { place: 'evaluation' })) {
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
  const window = { at: date, from: date, to: date };
  const bank = await loadBankAt(pool, records, config, plans, window, {
    ...options,
    keep: (batch) => withoutHidden(batch, isHidden),
  });
  const productOf = new Map(products.map(({ groupKey }, product) => [groupKey, product]));
  const found = [...hidden].filter(([customer]) => hash(original(customer), seeds.fold) % folds === tested);
  return {
    ...bank,
    // what is hidden is held, and has no date that would say since when
    known: new Uint8Array(products.length).fill(1),
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
