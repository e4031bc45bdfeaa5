import type { CampaignResults, KernelPool } from '@basketwise/core/parts';
import type { OfferResults } from '@basketwise/data';
import type { OfferProblem } from '../allocation/offer-problem.ts';
import { type CapacityUse, decideOffers } from '../allocation/offers.ts';
import { type CountedOffers, countOffers, type OfferCounts } from '../allocation/reasons.ts';
import type { Arms } from './arms.ts';
import { type CustomerClasses, countArms, customerClasses, listOfCustomer, type SetCustomer } from './classes.ts';
import type { CapacityGroups } from './customer-groups.ts';
import { capacityItems } from './items.ts';
import { joinLists, type ListedOffers, type OfferLists } from './joined-lists.ts';
import { UnitWriter, writeUnits } from './offer-units.ts';
import { allRest, type Resting } from './resting.ts';
import type { Variant } from './variants.ts';

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

/** Summary of decided offers. */
export interface OfferSummary {
  /** Total expected value of the offers. `bound` is the upper bound of the value of any choice within the capacities. */
  worth: number;
  bound: number;
  capacities: CapacitySummary[];
  all: OfferCounts;
  campaigns: (OfferCounts & { campaign: string; offers: number; worth: number })[];
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
    const of: VariantInputs = { ...inputs, arms, variant, lists, joined, has };
    const decided = await decideOffers(pool, variantProblem(of, classes), signal);
    units.begin(joined, i);
    writeUnits(arms, classes, decided.allocation, units);
    summaries.push(variantSummary(of, decided, withResting(await countOffers(pool, decided.allocation), of)));
  }
  const results = units.finish(variants.flatMap((variant) => variant.arms));
  const made = madeOf(campaigns, results);
  const arms = await drawing;
  const control = { customers: arms.control.reduce((sum, one) => sum + one, 0), decided: made.decided };
  const all = summaries.reduce(mergeSummaries);
  return { results, summary: { ...all, campaigns: all.campaigns.map((one, i) => ({ ...one, ...made.campaigns[i]! })), control } };
}

function variantProblem(inputs: VariantInputs, classes: CustomerClasses): OfferProblem {
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

/** Number and value of the offers to contacted customers by campaign, and number of control customers who would get an offer. */
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
    campaigns: campaigns.map(({ campaign }, i) => ({ campaign, ...counted.campaigns[i]!, offers: 0, worth: 0 })),
    control: { customers: 0, decided: 0 },
  };
}

/** Merges the summaries of two variants. */
function mergeSummaries(one: OfferSummary, other: OfferSummary): OfferSummary {
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
