import { createInlinePool, type KernelPool, type Product } from '@basketwise/core';
import type { OfferResults } from '@basketwise/data';
import type { OfferProblem } from '../allocation/offer-problem.ts';
import { type CapacityUse, decideOffers } from '../allocation/offers.ts';
import { type CountedOffers, countOffers, type OfferCounts } from '../allocation/reasons.ts';
import type { Arms } from './arms.ts';
import { type CustomerClasses, countArms, customerClasses, listOfCustomer, type SetCustomer } from './classes.ts';
import type { CapacityGroups } from './customer-groups.ts';
import { capacityItems, offeredItems, ProductCodes } from './items.ts';
import {
  joinLists,
  type ListEntry,
  type ListedOffers,
  type OfferLists,
  productsWithoutValue,
  singleList,
} from './joined-lists.ts';
import { UnitWriter, writeUnits } from './offer-units.ts';
import { allRest, nothingRests, type Resting } from './resting.ts';
import type { OfferTerms } from './terms.ts';
import { type Variant, variantsOf } from './variants.ts';

/** All inputs of the decisions on offers. */
export interface OfferInputs extends ListedOffers {
  pool: KernelPool;
  variants: readonly Variant[];
  /** 1 for customers in the experiment's variant, u8[customers]; null without an experiment. */
  inVariant: Uint8Array | null;
  groups: CapacityGroups;
  resting: Resting;
  /** Arms of the customers. They are drawn while the classes are formed, hence the promise. */
  drawing: Promise<Arms>;
  signal?: AbortSignal;
}

/** Use and price of a capacity, with its name and limits. */
interface CapacitySummary extends CapacityUse {
  name: string;
  /** Variant to which the capacity belongs; null without an experiment. */
  variant: string | null;
  least: number;
  most: number | null;
}

/** Offers of a campaign to contacted customers. */
interface MadeOffers {
  offers: number;
  /** Expected purchases among the offers, and their expected value. */
  purchases: number;
  worth: number;
  /** Number of offers of each product that is offered, in the order of products. */
  products: readonly { name: string; offers: number }[];
}

/** Summary of decided offers. */
export interface OfferSummary {
  /** Total expected value of the offers. `bound` is the upper bound of the value of any choice within the capacities. */
  worth: number;
  bound: number;
  capacities: CapacitySummary[];
  all: OfferCounts;
  campaigns: (OfferCounts & MadeOffers & { campaign: string })[];
  /** `decided`: number of control customers who would get offers. `customers`: number of all control customers. */
  control: { customers: number; decided: number };
}

/** Inputs of one variant. */
interface VariantInputs extends OfferInputs {
  arms: Arms;
  variant: Variant;
  lists: SetCustomer['lists'];
  joined: OfferLists;
  has(customer: number): boolean;
}

/** Decides the offers of each variant, independent of the customers of the other variant. Returns the offers of each customer, and a summary. */
export async function decideVariants(inputs: OfferInputs): Promise<{ results: OfferResults; summary: OfferSummary }> {
  const { campaigns, drawing, variants, inVariant, resting, groups, pool, signal } = inputs;
  const units = new UnitWriter(inputs.items, groups.group.length);
  const summaries: OfferSummary[] = [];
  for (const [i, variant] of variants.entries()) {
    const joined = joinLists(inputs, variant);
    const lists = campaigns.map(({ campaign, unit }, at) => (variant.has(campaign) ? { unit, first: joined.first[at]! } : null));
    const has = (customer: number) => inVariant === null || inVariant[customer] === i;
    const classes = await customerClasses(pool, {
      lists,
      group: groups.group,
      resting,
      has: inVariant === null ? undefined : has,
    });
    const arms = await drawing;
    const about: VariantInputs = { ...inputs, arms, variant, lists, joined, has };
    const decided = await decideOffers(pool, variantProblem(about, classes), signal);
    units.begin(joined, i);
    writeUnits(arms, classes, decided.allocation, units);
    summaries.push(variantSummary(about, decided, withResting(await countOffers(pool, decided.allocation), about)));
  }
  const results = units.finish(variants.flatMap((variant) => variant.arms));
  const made = madeOf(inputs, results);
  const arms = await drawing;
  const control = { customers: arms.control.reduce((sum, one) => sum + one, 0), decided: made.decided };
  const all = summaries.reduce(mergeSummaries);
  return { results, summary: { ...all, campaigns: all.campaigns.map((one, i) => ({ ...one, ...made.campaigns[i]! })), control } };
}

function variantProblem(inputs: VariantInputs, classes: CustomerClasses): OfferProblem {
  const { arms, variant, joined: lists, campaigns, items, groups, codes, resting } = inputs;
  const { offers } = variant;
  const names = campaigns.map(({ campaign }) => campaign);
  const { classOf: _, ...arrays } = classes;
  const limits = new Map(Object.entries(offers.campaigns).map(([name, limit]) => [items.countedAs(name), limit]));
  const restStart = new Uint32Array(resting.sets.length + 1);
  for (const [i, set] of resting.sets.entries()) restStart[i + 1] = restStart[i]! + set.length;
  return {
    ...{
      ...arrays,
      ...countArms(classes, arms.control),
      start: lists.start,
      item: lists.item,
      worth: lists.worth,
      groups: groups.groups,
      items: items.items,
    },
    ...{ restStart, restItem: Uint32Array.from(resting.sets.flat()), perCustomer: offers.per_customer },
    perCampaign: names.map((name) => (offers.campaigns[name] ?? limits.get(items.countedAs(name)) ?? offers).per_customer),
    capacities: Object.entries(offers.capacity).map(([name, capacity]) => {
      const place = `${variant.place}.${name}`;
      return {
        ...{ least: capacity.least ?? 0, most: capacity.most ?? Number.POSITIVE_INFINITY },
        ...{ items: capacityItems(items, names, codes, capacity, place), groups: groups.of(capacity, place) },
      };
    }),
  };
}

/** Adds to the counts the customers whose items are all in cool-off. */
function withResting(counts: CountedOffers, { lists, resting, arms, has }: VariantInputs): CountedOffers {
  for (let customer = 0; customer < resting.set.length; customer++) {
    if (resting.set[customer] !== allRest || !has(customer)) continue;
    const reason = arms.control[customer] === 1 ? 'control' : 'rest';
    let listed = false;
    for (const [i, list] of lists.entries()) {
      if (listOfCustomer(list, customer) === 0) continue;
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

/** Offers to contacted customers by campaign, and number of control customers who would get an offer. */
function madeOf(
  { campaigns, products }: Pick<OfferInputs, 'campaigns' | 'products'>,
  { unit, start, arm, campaign, product, value, probability }: OfferResults,
): { campaigns: MadeOffers[]; decided: number } {
  const made = campaigns.map(() => ({ offers: 0, purchases: 0, worth: 0, each: new Uint32Array(products.length) }));
  let decided = 0;
  for (let customer = 0; customer < unit.length; customer++) {
    const row = unit[customer]!;
    if (row < 0) continue;
    if (arm[start[row]!]! % 2 === 1) {
      decided++;
      continue;
    }
    for (let e = start[row]!; e < start[row + 1]!; e++) {
      const sums = made[campaign[e]!]!;
      sums.offers++;
      sums.each[product[e]!]!++;
      sums.purchases += probability[e]!;
      sums.worth += value[e]! * probability[e]!;
    }
  }
  const offered = made.map(({ each, ...sums }) => ({
    ...sums,
    products: products.flatMap(({ name }, i) => (each[i]! > 0 ? [{ name, offers: each[i]! }] : [])),
  }));
  return { campaigns: offered, decided };
}

function variantSummary(
  { variant, variants, campaigns }: VariantInputs,
  { worth, bound, capacities }: { worth: number; bound: number; capacities: readonly CapacityUse[] },
  counted: CountedOffers,
): OfferSummary {
  return {
    ...{ worth, bound, all: counted.all },
    capacities: Object.entries(variant.offers.capacity).map(([name, { least = 0, most = null }], g) => {
      return { name, variant: variants.length > 1 ? variant.name : null, least, most, ...capacities[g]! };
    }),
    campaigns: campaigns.map(({ campaign }, i) => ({
      campaign,
      ...counted.campaigns[i]!,
      offers: 0,
      purchases: 0,
      worth: 0,
      products: [],
    })),
    control: { customers: 0, decided: 0 },
  };
}

/** Merges the summaries of two variants. */
function mergeSummaries(first: OfferSummary, second: OfferSummary): OfferSummary {
  return {
    ...{ worth: first.worth + second.worth, bound: first.bound + second.bound, control: first.control },
    capacities: [...first.capacities, ...second.capacities],
    all: added(first.all, second.all),
    campaigns: first.campaigns.map((campaign, i) => ({ ...campaign, ...added(campaign, second.campaigns[i]!) })),
  };
}

function added(first: OfferCounts, second: OfferCounts): OfferCounts {
  const reasons = Object.entries(first.reasons).map(([reason, n]) => [
    reason,
    n + second.reasons[reason as keyof typeof first.reasons],
  ]);
  return {
    candidates: first.candidates + second.candidates,
    offered: first.offered + second.offered,
    reasons: Object.fromEntries(reasons) as OfferCounts['reasons'],
  };
}

/**
 * Products on sale that have no value. (A run stops only if it recommends such a product.)
 * Makes the decision of a run for zero customers, to check the names of products and classes in the config's offers.
 * @throws AppError config for an unknown product or class, as the decision of a run does
 */
export async function unvaluedProducts(
  products: readonly Product[],
  offers: OfferTerms,
  campaigns: readonly { name: string; class: string }[],
): Promise<readonly Product[]> {
  const codes = new ProductCodes(products);
  // Values from a column are checked when the column is read, so any value serves here.
  const values = products.map(() => 1);
  const variants = variantsOf(offers);
  const listed = (without: readonly Product[]) =>
    campaigns.map((plan) => singleList(plan.name, onSale(products, plan.class, without), 0));
  const unvalued = productsWithoutValue({ campaigns: listed([]), products, values, codes }, variants);
  const lists = listed(unvalued);
  await decideVariants({
    ...{ pool: createInlinePool(), products, codes, campaigns: lists, items: offeredItems(lists, codes, offers) },
    ...{ variants, inVariant: null, resting: nothingRests(0), values },
    groups: { group: new Uint32Array(0), groups: 1, of: () => [0] },
    drawing: Promise.resolve({ control: new Uint8Array(0), order: new Uint32Array(0) }),
  });
  return unvalued;
}

/** List of all products of a class that are on sale, except `without`. */
function onSale(products: readonly Product[], className: string, without: readonly Product[]): ListEntry[] {
  const offered = products.filter((one) => one.class === className && one.representative === one.product);
  return offered.filter((one) => !without.includes(one)).map(({ product }) => ({ product, probability: 0 }));
}
