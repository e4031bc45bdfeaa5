import { join } from 'node:path';
import { type Product, required } from '@basketwise/core';
import {
  capacityGroups,
  decideVariants,
  drawArms,
  type ListEntry,
  offeredItems,
  ProductCodes,
  singleList,
  type Variant,
  variantsOf,
} from '@basketwise/offers';
import { type CoolOff, coolOffOf } from './cool-off.ts';
import type { CampaignExplanation, ExplainedOffer, OfferExplanation, OfferOutcome } from './explanation.ts';
import { type FinishedRun, offersOfCustomer } from './finished-run.ts';
import type { OneCustomer } from './one-customer.ts';

type DecisionInputs = Parameters<typeof decideVariants>[0];

/** Recommendation to the customer that could become an offer. */
interface OfferCandidate extends ListEntry {
  campaign: string;
  code: string;
}

/** Data for deciding offers to one customer. */
interface OneDecision extends Pick<DecisionInputs, 'pool' | 'products' | 'codes' | 'items' | 'values' | 'groups' | 'resting'> {
  variant: Variant;
  campaigns: readonly string[];
  candidates: readonly OfferCandidate[];
  /** Offers to the customer that the run published. */
  chosen: readonly OfferCandidate[];
  coolOff: CoolOff;
  /** Names of the capacities of the customer's variant that are exhausted. */
  usedUp: readonly string[];
}

/**
 * Explains the offers of a run to a customer: the arm, and the offers with their values. For each other campaign, gives the reason
 * why it has no offer. The reasons come from a second decision for this customer only, with the published offers and without
 * capacities.
 * @param campaigns explanations of the recommendations, in the config's order of campaigns
 * @returns null for a run without offers
 */
export async function explainOffers(
  run: FinishedRun,
  customer: OneCustomer,
  id: string,
  campaigns: readonly CampaignExplanation[],
): Promise<OfferExplanation | null> {
  const { control, experiment } = run.config.offers ?? {};
  if (!run.config.offers || !run.offers) return null;
  const rows = await offersOfCustomer(run, id);
  const offers = rows.map(({ order, campaign, code, name, value, probability }): ExplainedOffer => {
    const numbers = { order: Number(order), value: Number(value), probability: Number(probability) };
    return { ...numbers, campaign: String(campaign), code: String(code), name: String(name) };
  });
  const isControl = await isDrawnTo(run, customer, control);
  const variant = variantsOf(run.config.offers)[(await isDrawnTo(run, customer, experiment)) ? 1 : 0]!;
  const decision = await decisionOf(run, customer, id, variant, { campaigns, offers });
  const outcomes: OfferOutcome[] = [];
  for (const { campaign } of campaigns) {
    const isListed = decision.candidates.some((one) => one.campaign === campaign);
    const isOffered = offers.some((one) => one.campaign === campaign);
    const plain = (status: OfferOutcome['status']) => ({ campaign, status, coolOff: null, capacities: [] });
    if (!isListed) outcomes.push(plain('not-recommended'));
    else if (!variant.has(campaign)) outcomes.push(plain('other-variant'));
    else if (isControl) outcomes.push(plain('control'));
    else outcomes.push(isOffered ? plain('offered') : await whyNotOffered(decision, campaign));
  }
  const arm = isControl ? 'control' : offers.length > 0 ? 'contacted' : 'none';
  return { arm, variant: experiment ? variant.name : null, offers, campaigns: outcomes };
}

/** Whether the customer is among a share of the customers that a hash with this salt draws. */
async function isDrawnTo(
  { snapshot }: FinishedRun,
  { position }: OneCustomer,
  draw: Parameters<typeof drawArms>[3],
): Promise<boolean> {
  const own = `(SELECT id FROM customers WHERE customer = ${position})`;
  const { control } = await drawArms(snapshot.engine, own, 1, draw, new AbortController().signal);
  return control[0] === 1;
}

/** Data for deciding offers to the customer, as the run had them. */
async function decisionOf(
  run: FinishedRun,
  { position, bank, clusters }: OneCustomer,
  id: string,
  variant: Variant,
  { campaigns, offers }: { campaigns: readonly CampaignExplanation[]; offers: readonly ExplainedOffer[] },
): Promise<OneDecision> {
  const { snapshot, config, referenceDate, pool } = run;
  const { products } = bank;
  const { engine, manifest } = snapshot;
  const codes = new ProductCodes(products);
  const candidates = offerCandidates(campaigns, products, config.offers!.rate);
  const names = campaigns.map(({ campaign }) => campaign);
  const items = offeredItems(listsOf(names, candidates), codes, config.offers!);
  const file = engine.dialect.text(join(run.folder, 'segments.parquet'));
  const segments = `(SELECT * FROM read_parquet(${file}) WHERE customer = ${engine.dialect.text(id)})`;
  // Cluster numbers are not limited here, because the run has checked the numbers that capacities name.
  const own = clusters.map(({ scheme, cluster }) => {
    return [scheme, { clusters: Int16Array.of(cluster), count: Number.POSITIVE_INFINITY }] as const;
  });
  const { signal } = new AbortController();
  const groups = await capacityGroups(engine, Object.values(variant.offers.capacity), segments, new Map(own), 1, signal);
  const coolOff = await coolOffOf(snapshot, referenceDate, { ...items, position, config, campaigns: names, products });
  return {
    ...{ pool, products, codes, items, groups, variant, campaigns: names, candidates, coolOff },
    ...{ values: manifest.offers?.values, resting: coolOff.now },
    chosen: candidates.filter((one) => offers.some(({ campaign, code }) => campaign === one.campaign && code === one.code)),
    usedUp: usedUpCapacities(run, variant),
  };
}

/**
 * Recommendations to the customer that could become offers.
 * @param rate purchases per customer and window if probabilities are for the next product, otherwise 1
 */
function offerCandidates(campaigns: readonly CampaignExplanation[], products: readonly Product[], rate = 1): OfferCandidate[] {
  const byCode = new Map(products.map(({ code, product }) => [code, product]));
  return campaigns.flatMap(({ campaign, recommendations }) =>
    recommendations.map(({ code, probability }) => ({
      ...{ campaign, code, product: required(byCode, code), probability: rate * (probability ?? Number.NaN) },
    })),
  );
}

function listsOf(campaigns: readonly string[], candidates: readonly OfferCandidate[]) {
  return campaigns.map((name) =>
    singleList(
      name,
      candidates.filter(({ campaign }) => campaign === name),
      1,
    ),
  );
}

/** Names of a variant's capacities that are exhausted, or have a shadow price above 0. */
function usedUpCapacities({ offers }: FinishedRun, { name: variant }: Variant): string[] {
  const own = offers!.capacities.filter((one) => one.variant === null || one.variant === variant);
  return own.filter(({ price, most, used }) => (price ?? 0) > 0 || (most !== null && used >= most)).map(({ name }) => name);
}

const statusOfReason = {
  rest: 'cool-off',
  control: 'control',
  'worth less': 'worth-less',
  'never together': 'never-together',
  capacity: 'capacity',
} as const;

/**
 * Reason why a campaign makes no offer to the customer. It comes from a decision between the campaign's list and the published
 * offers, without capacities.
 */
async function whyNotOffered(decision: OneDecision, campaign: string): Promise<OfferOutcome> {
  const { chosen, coolOff, items, campaigns, candidates } = decision;
  const free = await decideAlone(decision, campaign, {});
  const { reasons } = free.counts;
  const reason = (Object.keys(reasons) as (keyof typeof reasons)[]).find((one) => reasons[one] > 0) ?? 'capacity';
  const status = reason === 'worth less' && chosen.length === 0 ? 'no-value' : statusOfReason[reason];
  const numbers = items.numbers[campaigns.indexOf(campaign)]!;
  const own = candidates.filter((one) => one.campaign === campaign).map(({ product }) => required(numbers, product));
  return {
    ...{ campaign, status, coolOff: status === 'cool-off' ? await coolOff.lastDay(own) : null },
    capacities: status === 'capacity' ? await countingCapacities(decision, campaign, free.products) : [],
  };
}

/**
 * Exhausted capacities that exclude an offer.
 * @param wanted products that would be offered without capacities
 */
async function countingCapacities(decision: OneDecision, campaign: string, wanted: readonly number[]): Promise<string[]> {
  const counting: string[] = [];
  for (const name of decision.usedUp) {
    const closed = { ...decision.variant.offers.capacity[name], least: undefined, most: 0 };
    const { products } = await decideAlone(decision, campaign, { [name]: closed });
    if (String(products) !== String(wanted)) counting.push(name);
  }
  return counting;
}

/**
 * Decides for this customer only, between the published offers and the list of a campaign. Returns counts, and the products that
 * the campaign would offer.
 */
async function decideAlone(
  { campaigns, candidates, chosen, variant, ...given }: OneDecision,
  campaign: string,
  capacity: Variant['offers']['capacity'],
) {
  const { pool, products, codes, items, values, groups, resting } = given;
  const offered = candidates.filter((one) => one.campaign === campaign || chosen.includes(one));
  const { results, summary } = await decideVariants({
    ...{ pool, products, codes, items, values, groups, resting, campaigns: listsOf(campaigns, offered), inVariant: null },
    variants: [{ ...variant, offers: { ...variant.offers, capacity } }],
    drawing: Promise.resolve({ control: Uint8Array.of(0), order: Uint32Array.of(0) }),
  });
  const at = campaigns.indexOf(campaign);
  return { counts: summary.campaigns[at]!, products: [...results.product].filter((_, e) => results.campaign[e] === at) };
}
