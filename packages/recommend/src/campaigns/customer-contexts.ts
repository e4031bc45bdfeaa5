import { AppError } from '@basketwise/core/error';
import type { Context, Feature, PlainDate, SomeCustomers } from '@basketwise/core/parts';

/** Features of all customers as of a date, besides their holdings: few distinct combinations, each shared by many customers. */
export interface CustomerContexts {
  features: readonly Feature[];
  /** Distinct combinations, ascending by the codes of their levels; a value without a level has a label outside the levels. */
  contexts: readonly Context[];
  /** u32[customers]: position of each customer's combination. */
  ofCustomer: Uint32Array;
  /** u32[customers]: number of customers that each stands for, if grouped; absent: 1. */
  weight?: Uint32Array;
}

/** The features of a bank's customers at all known dates. */
export interface DatedContexts {
  /**
   * As of a date; null if there are no values of that date.
   * @param only a customer, or some, by their own numbers; absent: all
   * @param soon dates that will be requested next, of the same customers
   */
  at(date: PlainDate, only?: number | SomeCustomers, soon?: readonly PlainDate[]): Promise<CustomerContexts | null>;
}

/** Label of a value without a level. */
const unseenLabel = '(new)';

/** Most combinations of levels: each makes separate rows of the baskets. */
const mostContexts = 4096;

/**
 * Distinct combinations of levels.
 * @param codes one array per feature, one element per customer
 * @throws AppError config for more combinations than baskets can distinguish
 */
export function contextsOf(features: readonly Feature[], codes: readonly Int16Array[], customers: number): CustomerContexts {
  const ofCustomer = new Uint32Array(customers);
  let combinations: number[][] = [[]];
  for (const [f, { levels }] of features.entries()) {
    const width = levels.length + 1;
    const numbers = new Int32Array(combinations.length * width).fill(-1);
    const split: number[][] = [];
    const ofFeature = codes[f]!;
    for (let customer = 0; customer < customers; customer++) {
      const code = ofFeature[customer]!;
      const key = ofCustomer[customer]! * width + (code < 0 ? levels.length : code);
      if (numbers[key]! < 0) {
        if (split.length === mostContexts) refuseContexts(features);
        numbers[key] = split.length;
        split.push([...combinations[ofCustomer[customer]!]!, key % width]);
      }
      ofCustomer[customer] = numbers[key]!;
    }
    combinations = split;
  }
  const order = [...combinations.keys()].sort((a, b) => compareCombinations(combinations[a]!, combinations[b]!));
  const rank = new Uint32Array(order.length);
  for (const [place, number] of order.entries()) rank[number] = place;
  const contexts = order.map((number) => combinations[number]!.map((code, f) => features[f]!.levels[code] ?? unseenLabel));
  const named = features.map(({ name, levels }) => ({ name, levels }));
  for (let customer = 0; customer < customers; customer++) ofCustomer[customer] = rank[ofCustomer[customer]!]!;
  return { features: named, contexts, ofCustomer };
}

/**
 * Splits the customers' combinations by one more feature.
 * @param codes its level for each customer, negative for customers without one
 */
export function withFeature(known: CustomerContexts | null, feature: Feature, codes: Int16Array): CustomerContexts {
  const width = feature.levels.length + 1;
  const before = known?.contexts ?? [[]];
  const keys = Uint32Array.from(codes, (code, customer) => {
    return (known?.ofCustomer[customer] ?? 0) * width + (code < 0 ? feature.levels.length : code);
  });
  const place = new Int32Array(before.length * width).fill(-1);
  for (const key of keys) place[key] = 0;
  const present = [...place.keys()].filter((key) => place[key] === 0);
  for (const [at, key] of present.entries()) place[key] = at;
  return {
    features: [...(known?.features ?? []), feature],
    contexts: present.map((key) => [...before[Math.floor(key / width)]!, feature.levels[key % width] ?? unseenLabel]),
    ofCustomer: keys.map((key) => place[key]!),
  };
}

function compareCombinations(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((code, f) => code !== b[f]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function refuseContexts(features: readonly Feature[]): never {
  const levels = features.map(({ name, levels }) => `${name} has ${levels.length} levels`);
  throw new AppError(
    'config',
    `features: customers have more than ${mostContexts} combinations of levels: ${levels.join(', ')}`,
    'Use fewer bands, coarser SQL, or fewer features.',
  );
}
