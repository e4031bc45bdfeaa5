import {
  type Allocation,
  AppError,
  type CapacityUse,
  type CountedOffers,
  countOffers,
  decideOffers,
  type KernelPool,
  type OfferCounts,
  type OfferProblem,
  required,
} from '@basketwise/core';
import type { CampaignResults, Product } from '@basketwise/core/advice';
import type { OfferResults } from '@basketwise/data';
import type { Config } from '../config/schema.ts';
import type { Arms } from './arms.ts';
import { type CustomerClasses, customerClasses, noClass } from './classes.ts';
import type { CustomerGroups } from './customer-groups.ts';
import { itemsOf, type OfferedItems, type ProductCodes, worthOf } from './items.ts';
import { allRest, type Resting } from './resting.ts';

/** All that decides who is offered what. */
export interface OfferInputs {
  pool: KernelPool;
  offers: NonNullable<Config['offers']>;
  /** The lists of all campaigns, with their probabilities. */
  campaigns: readonly CampaignResults[];
  products: readonly Product[];
  codes: ProductCodes;
  /** Worth of products as a column has it. */
  values: readonly (number | null)[] | undefined;
  items: OfferedItems;
  groups: CustomerGroups;
  resting: Resting;
  arms: Arms;
  signal?: AbortSignal;
}

/** Use of a capacity. */
interface CapacitySummary extends CapacityUse {
  name: string;
  least: number;
  most: number | null;
}

/** Decided offers, in numbers. */
export interface OfferSummary {
  /** Worth of the offers together, on the average; no choice within the capacities is worth more than `bound`. */
  worth: number;
  bound: number;
  capacities: CapacitySummary[];
  all: OfferCounts;
  campaigns: (OfferCounts & { campaign: string; offers: number; worth: number })[];
  /** Customers who would be made offers and are in the control, and all that are in it. */
  control: { customers: number; decided: number };
}

/** Lists in one: list 0 is empty. */
interface JoinedLists extends Pick<OfferProblem, 'start' | 'item' | 'worth'> {
  probability: Float32Array;
  value: Float32Array;
  /** In `reasons`; -1: none. */
  reason: Int32Array;
  reasons: string[];
  /** First list of each campaign. */
  first: number[];
}

/** Decides who is offered what, and numbers what each customer is made. */
export async function decide(inputs: OfferInputs): Promise<{ results: OfferResults; summary: OfferSummary }> {
  const { campaigns, arms, resting, groups, pool, signal } = inputs;
  const joined = joinLists(inputs);
  const lists = campaigns.map(({ unit }, i) => {
    const found = new Uint32Array(unit.length);
    for (let customer = 0; customer < unit.length; customer++)
      if (unit[customer]! >= 0) found[customer] = joined.first[i]! + unit[customer]!;
    return found;
  });
  const classes = customerClasses({ lists, group: groups.group, resting, control: arms.control });
  const problem = problemOf(inputs, joined, classes);
  const decided = await decideOffers(pool, problem, signal);
  const { allocation } = decided;
  const results = resultsOf(inputs, joined, classes, allocation);
  const counted = withResting(countOffers(allocation), lists, resting, arms);
  return { results, summary: summaryOf(inputs, decided, counted, results) };
}

function joinLists({ campaigns, items, products, offers, values, codes }: OfferInputs): JoinedLists {
  const entries = campaigns.reduce((sum, { units }) => sum + units.product.length, 0);
  const rows = campaigns.reduce((sum, { units }) => sum + units.start.length - 1, 0);
  const worth = worthOf(offers, products, values, codes);
  const joined: JoinedLists = {
    ...{ start: new Uint32Array(rows + 2), item: new Uint32Array(entries), worth: new Float32Array(entries) },
    ...{ probability: new Float32Array(entries), value: new Float32Array(entries), reason: new Int32Array(entries).fill(-1) },
    ...{ reasons: [], first: [] },
  };
  const reasons = new Map<string, number>();
  let [row, at] = [1, 0];
  for (const [i, { campaign, units }] of campaigns.entries()) {
    const numbers = items.numbers[i]!;
    const texts = (units.reasons ?? []).map((text) => {
      if (!reasons.has(text)) reasons.set(text, reasons.size);
      return required(reasons, text);
    });
    joined.first.push(row);
    for (let unit = 0; unit < units.start.length - 1; unit++) {
      joined.start[row++] = at;
      for (let e = units.start[unit]!; e < units.start[unit + 1]!; e++) {
        const product = units.product[e]!;
        const [value, probability] = [worth[product]!, units.probability?.[e] ?? Number.NaN];
        if (Number.isNaN(value)) throw worthless(products[product]!);
        if (Number.isNaN(probability))
          throw new AppError(
            'bad-data',
            `offers: a recommendation of ${campaign} has no probability`,
            'Deliver holdings with dates of at least two windows.',
          );
        joined.item[at] = required(numbers, product);
        joined.worth[at] = value * probability;
        joined.value[at] = value;
        joined.probability[at] = probability;
        joined.reason[at] = units.reason === undefined || units.reason[e]! < 0 ? -1 : texts[units.reason[e]!]!;
        at++;
      }
    }
  }
  joined.start[row] = at;
  joined.reasons = [...reasons.keys()];
  return joined;
}

function worthless({ code, class: of }: Product): AppError {
  const what = `offers.value: product ${code} of class ${of} is recommended, and nothing says what it is worth`;
  return new AppError('config', what, 'Name it under products, or its class under classes, or give `others`.');
}

function problemOf(inputs: OfferInputs, lists: JoinedLists, classes: CustomerClasses): OfferProblem {
  const { offers, campaigns, items, groups, codes, resting } = inputs;
  const names = campaigns.map(({ campaign }) => campaign);
  const { classOf: _, ...of } = classes;
  const restStart = new Uint32Array(resting.sets.length + 1);
  for (const [i, set] of resting.sets.entries()) restStart[i + 1] = restStart[i]! + set.length;
  return {
    ...{ ...of, start: lists.start, item: lists.item, worth: lists.worth, groups: groups.groups, items: items.items },
    ...{ restStart, restItem: Uint32Array.from(resting.sets.flat()), perCustomer: offers.per_customer },
    perCampaign: names.map((name) => offers.campaigns[name]?.per_customer ?? offers.per_customer),
    capacities: Object.entries(offers.capacity).map(([name, capacity]) => {
      const place = `offers.capacity.${name}`;
      return {
        ...{ least: capacity.least ?? 0, most: capacity.most ?? Number.POSITIVE_INFINITY },
        ...{ items: itemsOf(items, names, codes, capacity, place), groups: groups.of(capacity, place) },
      };
    }),
  };
}

/** The offer that each customer is made; customers of a class that is shared go by the order of their hashes. */
function resultsOf(
  { arms, items }: OfferInputs,
  lists: JoinedLists,
  { classOf, offered }: CustomerClasses,
  allocation: Allocation,
): OfferResults {
  const unit = new Int32Array(classOf.length).fill(-1);
  // of a class that is not shared: unit of its offered customers, and of its control
  const units = new UnitWriter(lists, items);
  const ofClass = new Int32Array(offered.length * 2).fill(-2);
  const shared = new Map<number, number[]>();
  for (let customer = 0; customer < classOf.length; customer++) {
    const of = classOf[customer]!;
    if (of === noClass) continue;
    if (allocation.isShared(of)) {
      const some = shared.get(of);
      if (some) some.push(customer);
      else shared.set(of, [customer]);
      continue;
    }
    const arm = arms.control[customer]!;
    if (ofClass[of * 2 + arm] === -2) ofClass[of * 2 + arm] = units.add(allocation.shares(of)[0]!.entries, arm);
    unit[customer] = ofClass[of * 2 + arm]!;
  }
  for (const [of, customers] of shared) {
    customers.sort((a, b) => arms.order[a]! - arms.order[b]! || a - b);
    const shares = allocation.shares(of);
    const numbers = [0, 1].map((arm) => shares.map(({ entries }) => units.add(entries, arm)));
    let [at, left] = [0, shares[0]!.customers];
    for (const customer of customers) {
      // somebody of the control is decided for as the next one to be contacted is
      const arm = arms.control[customer]!;
      while (left === 0 && at < shares.length - 1) left = shares[++at]!.customers;
      unit[customer] = numbers[arm]![at]!;
      if (arm === 0) left--;
    }
  }
  return units.finish(unit);
}

/** Collects what customers are made, each list of offers once. */
class UnitWriter {
  readonly #start = [0];
  readonly #entry: number[] = [];
  readonly #arm: number[] = [];
  readonly #lists: JoinedLists;
  readonly #items: OfferedItems;

  constructor(lists: JoinedLists, items: OfferedItems) {
    this.#lists = lists;
    this.#items = items;
  }

  /** @returns number of the unit; -1 where nothing is offered */
  add(entries: readonly number[], arm: number): number {
    if (entries.length === 0) return -1;
    const { value, probability } = this.#lists;
    const sorted = entries.toSorted((a, b) => value[b]! * probability[b]! - value[a]! * probability[a]! || a - b);
    for (const entry of sorted) {
      this.#entry.push(entry);
      this.#arm.push(arm);
    }
    return this.#start.push(this.#entry.length) - 2;
  }

  finish(unit: Int32Array): OfferResults {
    const { item, value, probability, reason, reasons } = this.#lists;
    const { items } = this.#items;
    const entry = Uint32Array.from(this.#entry);
    return {
      ...{ unit, start: Uint32Array.from(this.#start), arm: Uint8Array.from(this.#arm), reasons },
      product: Int32Array.from(entry, (e) => items[item[e]!]!.product),
      campaign: Uint8Array.from(entry, (e) => items[item[e]!]!.campaign),
      value: Float32Array.from(entry, (e) => value[e]!),
      probability: Float32Array.from(entry, (e) => probability[e]!),
      reason: Int32Array.from(entry, (e) => reason[e]!),
    };
  }
}

/** The counts with those for whom everything rests. */
function withResting(counts: CountedOffers, lists: readonly Uint32Array[], resting: Resting, arms: Arms): CountedOffers {
  for (let customer = 0; customer < resting.set.length; customer++) {
    if (resting.set[customer] !== allRest) continue;
    const reason = arms.control[customer] === 1 ? 'control' : 'rest';
    let listed = false;
    for (const [i, list] of lists.entries()) {
      if (list[customer] === 0) continue;
      listed = true;
      counts.campaigns[i]!.candidates++;
      counts.campaigns[i]!.reasons[reason]++;
    }
    if (!listed) continue;
    counts.all.candidates++;
    counts.all.reasons[reason]++;
  }
  return counts;
}

function summaryOf(
  { offers, campaigns, arms }: OfferInputs,
  { worth, bound, capacities }: { worth: number; bound: number; capacities: readonly CapacityUse[] },
  counted: CountedOffers,
  { unit, start, arm, campaign, value, probability }: OfferResults,
): OfferSummary {
  const made = campaigns.map(() => ({ offers: 0, worth: 0 }));
  let decided = 0;
  for (let customer = 0; customer < unit.length; customer++) {
    const of = unit[customer]!;
    if (of < 0) continue;
    if (arm[start[of]!] === 1) {
      decided++;
      continue;
    }
    for (let e = start[of]!; e < start[of + 1]!; e++) {
      made[campaign[e]!]!.offers++;
      made[campaign[e]!]!.worth += value[e]! * probability[e]!;
    }
  }
  return {
    ...{ worth, bound, all: counted.all },
    capacities: Object.entries(offers.capacity).map(([name, { least = 0, most = null }], g) => ({
      name,
      least,
      most,
      ...capacities[g]!,
    })),
    campaigns: campaigns.map(({ campaign: name }, i) => ({ campaign: name, ...counted.campaigns[i]!, ...made[i]! })),
    control: { customers: arms.control.reduce((sum, one) => sum + one, 0), decided },
  };
}
