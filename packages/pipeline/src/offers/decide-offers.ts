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
import type { Arms } from './arms.ts';
import { type CustomerClasses, countArms, customerClasses, listOf, noClass, type SetCustomer } from './classes.ts';
import type { CustomerGroups } from './customer-groups.ts';
import { itemsOf, type OfferedItems, type ProductCodes, worthOf } from './items.ts';
import { allRest, type Resting } from './resting.ts';
import type { Variant } from './variants.ts';

/** All that decides who is offered what. */
export interface OfferInputs {
  pool: KernelPool;
  variants: readonly Variant[];
  /** 1: the customer is in the second variant. */
  inVariant: Uint8Array | null;
  /** The lists of all campaigns, with their probabilities. */
  campaigns: readonly CampaignResults[];
  products: readonly Product[];
  codes: ProductCodes;
  /** Worth of products as a column has it. */
  values: readonly (number | null)[] | undefined;
  items: OfferedItems;
  groups: CustomerGroups;
  resting: Resting;
  /** Still being drawn while customers are told apart. */
  drawing: Promise<Arms>;
  signal?: AbortSignal;
}

/** Use of a capacity. */
interface CapacitySummary extends CapacityUse {
  name: string;
  /** The variant that has it; null: there is one alone. */
  variant: string | null;
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

/** Inputs of one variant. */
interface VariantInputs extends OfferInputs {
  arms: Arms;
  variant: Variant;
  lists: SetCustomer['lists'];
  joined: JoinedLists;
  has(customer: number): boolean;
}

/** Decides who is offered what, and numbers what each customer is made: variant by variant, as if the others' customers were not there. */
export async function decide(inputs: OfferInputs): Promise<{ results: OfferResults; summary: OfferSummary }> {
  const { campaigns, drawing, variants, inVariant, resting, groups, pool, signal } = inputs;
  const units = new UnitWriter(inputs.items, groups.group.length);
  const summaries: OfferSummary[] = [];
  for (const [i, variant] of variants.entries()) {
    const joined = joinLists(inputs, variant);
    const lists = campaigns.map(({ campaign, unit }, at) => (variant.has(campaign) ? { unit, first: joined.first[at]! } : null));
    const has = (customer: number) => inVariant === null || inVariant[customer] === i;
    const classes = customerClasses({ lists, group: groups.group, resting, has });
    const arms = await drawing;
    const of: VariantInputs = { ...inputs, arms, variant, lists, joined, has };
    const decided = await decideOffers(pool, problemOf(of, classes), signal);
    units.begin(joined, i);
    writeUnits(of, classes, decided.allocation, units);
    summaries.push(summaryOf(of, decided, withResting(countOffers(decided.allocation), of)));
  }
  const results = units.finish(variants.flatMap((variant) => variant.arms));
  const made = madeOf(campaigns, results);
  const arms = await drawing;
  const control = { customers: arms.control.reduce((sum, one) => sum + one, 0), decided: made.decided };
  const all = summaries.reduce(together);
  return { results, summary: { ...all, campaigns: all.campaigns.map((one, i) => ({ ...one, ...made.campaigns[i]! })), control } };
}

function joinLists({ campaigns, items, products, values, codes }: OfferInputs, { offers, has }: Variant): JoinedLists {
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
        if (Number.isNaN(value) && has(campaign)) throw worthless(products[product]!);
        if (Number.isNaN(probability))
          throw new AppError(
            'bad-data',
            `offers: a recommendation of ${campaign} has no probability`,
            'Deliver holdings with dates of at least two windows.',
          );
        joined.item[at] = required(numbers, product);
        joined.worth[at] = has(campaign) ? value * probability : 0;
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

function problemOf(inputs: VariantInputs, classes: CustomerClasses): OfferProblem {
  const { arms, variant, joined: lists, campaigns, items, groups, codes, resting } = inputs;
  const { offers } = variant;
  const names = campaigns.map(({ campaign }) => campaign);
  const { classOf: _, ...of } = classes;
  const restStart = new Uint32Array(resting.sets.length + 1);
  for (const [i, set] of resting.sets.entries()) restStart[i + 1] = restStart[i]! + set.length;
  return {
    ...{
      ...of,
      ...countArms(classes, arms.control),
      start: lists.start,
      item: lists.item,
      worth: lists.worth,
      groups: groups.groups,
      items: items.items,
    },
    ...{ restStart, restItem: Uint32Array.from(resting.sets.flat()), perCustomer: offers.per_customer },
    perCampaign: names.map((name) => offers.campaigns[name]?.per_customer ?? offers.per_customer),
    capacities: Object.entries(offers.capacity).map(([name, capacity]) => {
      const place = `${variant.place}.${name}`;
      return {
        ...{ least: capacity.least ?? 0, most: capacity.most ?? Number.POSITIVE_INFINITY },
        ...{ items: itemsOf(items, names, codes, capacity, place), groups: groups.of(capacity, place) },
      };
    }),
  };
}

/** The offer that each customer is made; customers of a class that is shared go by the order of their hashes. */
function writeUnits(
  { arms }: VariantInputs,
  { classOf, group }: CustomerClasses,
  allocation: Allocation,
  units: UnitWriter,
): void {
  const { unit } = units;
  // of a class that is not shared: unit of its offered customers, and of its control
  const ofClass = new Int32Array(group.length * 2).fill(-2);
  const shared = new Map<number, number[]>();
  for (let customer = 0; customer < classOf.length; customer++) {
    const of = classOf[customer]!;
    if (of === noClass || allocation.isWithout(of)) continue;
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
}

/** Collects what customers are made, each list of offers once. */
class UnitWriter {
  /** Unit of each customer; -1: nothing is offered. */
  readonly unit: Int32Array;
  readonly #items: OfferedItems;
  readonly #start = [0];
  readonly #rows: Omit<Record<keyof OfferResults, number[]>, 'unit' | 'start' | 'reasons' | 'arms'> = {
    ...{ product: [], campaign: [], value: [], probability: [], reason: [], arm: [] },
  };
  /** Units of one offer, by entry and arm. */
  readonly #single = new Map<number, number>();
  #lists: JoinedLists | undefined;
  #variant = 0;

  constructor(items: OfferedItems, customers: number) {
    this.#items = items;
    this.unit = new Int32Array(customers).fill(-1);
  }

  /** Begins a variant. */
  begin(lists: JoinedLists, variant: number): void {
    this.#lists = lists;
    this.#variant = variant;
    this.#single.clear();
  }

  /** @returns number of the unit; -1 where nothing is offered */
  add(entries: readonly number[], arm: number): number {
    if (entries.length === 0) return -1;
    if (entries.length > 1) return this.#write(entries, arm);
    const key = entries[0]! * 2 + arm;
    const known = this.#single.get(key);
    if (known !== undefined) return known;
    const unit = this.#write(entries, arm);
    this.#single.set(key, unit);
    return unit;
  }

  #write(entries: readonly number[], arm: number): number {
    const { item, value, probability, reason } = this.#lists!;
    const rows = this.#rows;
    for (const e of entries.toSorted((a, b) => value[b]! * probability[b]! - value[a]! * probability[a]! || a - b)) {
      const { product, campaign } = this.#items.items[item[e]!]!;
      rows.product.push(product);
      rows.campaign.push(campaign);
      rows.value.push(value[e]!);
      rows.probability.push(probability[e]!);
      rows.reason.push(reason[e]!);
      rows.arm.push(this.#variant * 2 + arm);
    }
    return this.#start.push(rows.product.length) - 2;
  }

  finish(arms: readonly string[]): OfferResults {
    const { product, campaign, value, probability, reason, arm } = this.#rows;
    return {
      ...{ unit: this.unit, start: Uint32Array.from(this.#start), reasons: this.#lists!.reasons, arms },
      ...{ product: Int32Array.from(product), campaign: Uint8Array.from(campaign), value: Float32Array.from(value) },
      ...{ probability: Float32Array.from(probability), reason: Int32Array.from(reason), arm: Uint8Array.from(arm) },
    };
  }
}

/** The counts with those for whom everything rests. */
function withResting(counts: CountedOffers, { lists, resting, arms, has }: VariantInputs): CountedOffers {
  for (let customer = 0; customer < resting.set.length; customer++) {
    if (resting.set[customer] !== allRest || !has(customer)) continue;
    const reason = arms.control[customer] === 1 ? 'control' : 'rest';
    let listed = false;
    for (const [i, list] of lists.entries()) {
      if (listOf(list, customer) === 0) continue;
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

/** Offers to those who are contacted, campaign by campaign, and how many customers of the control would be made some. */
function madeOf(
  campaigns: readonly CampaignResults[],
  { unit, start, arm, campaign, value, probability }: OfferResults,
): { campaigns: { offers: number; worth: number }[]; decided: number } {
  const made = campaigns.map(() => ({ offers: 0, worth: 0 }));
  let decided = 0;
  for (let customer = 0; customer < unit.length; customer++) {
    const of = unit[customer]!;
    if (of < 0) continue;
    if (arm[start[of]!]! % 2 === 1) {
      decided++;
      continue;
    }
    for (let e = start[of]!; e < start[of + 1]!; e++) {
      made[campaign[e]!]!.offers++;
      made[campaign[e]!]!.worth += value[e]! * probability[e]!;
    }
  }
  return { campaigns: made, decided };
}

function summaryOf(
  { variant, variants, campaigns }: VariantInputs,
  { worth, bound, capacities }: { worth: number; bound: number; capacities: readonly CapacityUse[] },
  counted: CountedOffers,
): OfferSummary {
  return {
    ...{ worth, bound, all: counted.all },
    capacities: Object.entries(variant.offers.capacity).map(([name, { least = 0, most = null }], g) => {
      return { name, variant: variants.length > 1 ? variant.name : null, least, most, ...capacities[g]! };
    }),
    campaigns: campaigns.map(({ campaign }, i) => ({ campaign, ...counted.campaigns[i]!, offers: 0, worth: 0 })),
    control: { customers: 0, decided: 0 },
  };
}

/** Two variants in one summary. */
function together(one: OfferSummary, other: OfferSummary): OfferSummary {
  return {
    ...{ worth: one.worth + other.worth, bound: one.bound + other.bound, control: one.control },
    capacities: [...one.capacities, ...other.capacities],
    all: added(one.all, other.all),
    campaigns: one.campaigns.map((campaign, i) => ({ ...campaign, ...added(campaign, other.campaigns[i]!) })),
  };
}

function added(one: OfferCounts, other: OfferCounts): OfferCounts {
  const reasons = Object.entries(one.reasons).map(([reason, n]) => [
    reason,
    n + other.reasons[reason as keyof typeof one.reasons],
  ]);
  return {
    candidates: one.candidates + other.candidates,
    offered: one.offered + other.offered,
    reasons: Object.fromEntries(reasons) as OfferCounts['reasons'],
  };
}
