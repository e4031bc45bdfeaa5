import { join } from 'node:path';
import {
  type BasketEntry,
  type BasketTable,
  type Context,
  contextAt,
  type Model,
  type Product,
  unpackEntry,
} from '@basketwise/core';
import { type Scalar, trainedOn } from '@basketwise/data';
import { loadFitted, planCampaigns, probabilityMeaning, type Settings } from '@basketwise/pipeline';
import { type CampaignPlan, type CampaignTable, campaignTable, withheldProducts } from '@basketwise/recommend';
import { explainOffers } from './explain-offers.ts';
import type { CampaignExplanation, CustomerExplanation, ExplainedRecommendation, NamedProduct, Reasons } from './explanation.ts';
import { type FinishedRun, openFinishedRun, rowsOfCustomer } from './finished-run.ts';
import { findCustomer, type OneCustomer } from './one-customer.ts';

/**
 * Explains a customer's recommendations in a run:
 * - the holdings
 * - the published lists, with the contribution of each holding to the scores
 * - the products that rules excluded
 * - the offers
 *
 * The code of the job makes the basket of the customer, with the config of the run.
 * @param run name of a successful run; absent: the latest
 * @throws AppError missing-input if there is no such run, or no such customer in it
 */
export async function explainCustomer(settings: Settings, id: string, run?: string): Promise<CustomerExplanation> {
  const finished = await openFinishedRun(settings, run);
  try {
    return await explainIn(finished, id);
  } finally {
    await finished.close();
  }
}

/** Explains the recommendations to a customer in a run that is open. */
export async function explainIn(finished: FinishedRun, id: string): Promise<CustomerExplanation> {
  const customer = await findCustomer(finished, id);
  const rows = await rowsOfCustomer(finished, id);
  const campaigns: CampaignExplanation[] = [];
  for (const plan of planCampaigns(finished.config)) {
    const published = rows.filter(({ campaign }) => campaign === plan.name);
    campaigns.push(await explainCampaign(finished, customer, plan, published));
  }
  const { name, referenceDate } = finished;
  const { clusters, holdings, failedRules } = customer;
  const offers = await explainOffers(finished, customer, id, campaigns);
  const probability = probabilityMeaning(finished.config);
  return { run: name, referenceDate, clusters, holdings, failedRules, probability, campaigns, offers };
}

async function explainCampaign(
  run: FinishedRun,
  { bank, holdings }: OneCustomer,
  plan: CampaignPlan,
  published: readonly Record<string, Scalar>[],
): Promise<CampaignExplanation> {
  const mark = run.pool.memory.mark();
  try {
    const campaign = await campaignTable(run.pool, bank, plan);
    const [group] = campaign.groups;
    const cluster = group && group.cluster >= 0 ? group.cluster : null;
    const about = { campaign: plan.name, cluster };
    if (!group?.target) return { ...about, status: 'no-target', recommendations: [], suppressed: [] };
    const basket = firstBasket(campaign.table);
    const reasons = [...new Set(group.failed.map((rule) => run.config.rules[rule]!.reason))];
    if (reasons.length > 0) {
      const products = offeredProducts(campaign, bank.products, basket);
      const suppressed = reasons.map((reason) => ({ reason, products }));
      return { ...about, status: 'suppressed', recommendations: [], suppressed };
    }
    const model = await modelOf(run, plan, group.cluster);
    const context = campaign.contexts && contextAt(campaign.contexts, campaign.contexts.ofRow[0]!);
    const recommendations = published.map((row): ExplainedRecommendation => {
      const { rank, code, name, score, probability, source } = row;
      const held = { campaign, products: bank.products, basket, context, codes: new Set(holdings.map(({ code }) => code)) };
      return {
        ...{ rank: Number(rank), code: String(code), name: String(name), score: Number(score), source: String(source) },
        probability: probability === null ? null : Number(probability),
        reasons: model && source !== 'popularity' ? reasonsFor(model, held, String(code)) : null,
      };
    });
    const suppressed = withheldFrom(run, bank, plan, campaign, basket);
    return { ...about, status: published.length > 0 ? 'served' : 'no-product-left', recommendations, suppressed };
  } finally {
    run.pool.memory.release(mark);
  }
}

/** Model that scored a cluster: the cluster's own model, or the common model. */
async function modelOf(run: FinishedRun, plan: CampaignPlan, cluster: number): Promise<Model | undefined> {
  const fits = run.trainings.find(({ campaign }) => campaign === plan.name)?.fits ?? [];
  const fit = fits.find((one) => one.cluster === cluster) ?? fits.find((one) => one.cluster === null);
  return fit && loadFitted(join(run.folder, fit.file), trainedOn(run.snapshot.manifest));
}

/** Basket of the only row of a table. */
function firstBasket({ memory, start, entry }: BasketTable): BasketEntry[] {
  const [from, to] = memory.u32(start, 2);
  return Array.from(memory.u32(entry, to!).subarray(from), unpackEntry);
}

/** Products that rules withhold from the customer, by rule. Rules that exclude the whole campaign are left out. */
function withheldFrom(
  { config }: FinishedRun,
  { products, eligible }: OneCustomer['bank'],
  plan: CampaignPlan,
  campaign: CampaignTable,
  basket: readonly BasketEntry[],
): CampaignExplanation['suppressed'] {
  return [...withheldProducts(plan, products, campaign.columns.recommended)].flatMap(([rule, keys]) => {
    const own = eligible[rule]![0] === 1 ? [] : offeredProducts(campaign, products, basket, keys);
    return own.length === 0 ? [] : [{ reason: config.rules[rule]!.reason, products: own }];
  });
}

/**
 * Products that could be recommended: they are on sale, in the class of the campaign, and not held.
 * @param among group keys of the products to consider. Absent: all products
 */
function offeredProducts(
  { table, columns }: CampaignTable,
  products: readonly Product[],
  basket: readonly BasketEntry[],
  among?: ReadonlySet<string>,
): NamedProduct[] {
  const held = new Set(basket.map(({ column }) => table.columns[column]));
  return [...columns.recommended]
    .filter(([key]) => !held.has(key) && (among?.has(key) ?? true))
    .map(([, product]) => ({ code: products[product]!.code, name: products[product]!.name }));
}

interface Held {
  campaign: CampaignTable;
  products: readonly Product[];
  /** Basket of the customer, in the columns of the campaign's table. */
  basket: readonly BasketEntry[];
  /** Features of the customer. Undefined if models rank by none. */
  context: Context | undefined;
  /** Codes of the products that the customer holds. */
  codes: ReadonlySet<string>;
}

/**
 * Contributions of each held product, and of other terms, to the score of the product with this code. A group is named by its
 * first product.
 */
function reasonsFor(model: Model, { campaign, products, basket, context, codes }: Held, code: string): Reasons | null {
  const { table } = campaign;
  const columnOf = new Map(model.columns.map((key, column) => [key, column]));
  const own = basket.flatMap(({ column, band }) => {
    const known = columnOf.get(table.columns[column]!);
    return known === undefined ? [] : [{ column: known, band }];
  });
  const target = columnOf.get(products.find((product) => product.code === code)!.groupKey);
  const why = target === undefined ? null : model.explain(own, target, context);
  if (!why) return null;
  const contributions = why.contributions.map(({ column, value }) => {
    const { code: heldCode, name } = products.find((one) => one.groupKey === model.columns[column] && codes.has(one.code))!;
    return { code: heldCode, name, value };
  });
  const features = (why.features ?? []).map(({ feature, value }) => {
    return { feature: model.features![feature]!.name, level: context?.[feature] ?? '', value };
  });
  return {
    ...{ model: model.kind, baseline: why.baseline, contributions, exact: why.exact ?? null, mean: why.mean ?? 0 },
    features: features.sort((a, b) => b.value - a.value),
  };
}
