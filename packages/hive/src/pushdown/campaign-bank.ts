import { type BasketEntry, bug, type Product, required } from '@basketwise/core';
import { readJson } from '@basketwise/data/base';
import type { RunContext } from '@basketwise/pipeline';
import { type Bank, type CampaignPlan, RecentPopularity, recentSince } from '@basketwise/recommend';
import { campaignAcquired } from './acquired-cells.ts';
import { csrOf, entriesOfText, type PopularityCounts, popularityFile, unitsFile } from './baskets.ts';
import { unitMark } from './facts.ts';
import { contextsOfTexts } from './features.ts';

/** Basket rows of one campaign, as one array per column. */
interface Units {
  cluster: Int16Array;
  /** Results of the campaign's rules for each row: a text with a digit per rule, 1 if the rule failed. */
  failed: string[];
  levels: string[];
  baskets: BasketEntry[][];
  isHolder: Uint8Array;
  weight: Uint32Array;
}

/** Query of the basket rows of a campaign: columns unit and customers, sorted by unit. */
export function unitsQuery({ folder }: RunContext, text: (value: string) => string, campaign: string): string {
  return `SELECT unit, customers FROM read_parquet(${text(folder.file(unitsFile))}) WHERE campaign = ${text(campaign)}`;
}

/**
 * Calls a function with the data of a campaign. In these, one customer stands for all customers of a basket row. The data are in
 * kernel memory during the call.
 */
export async function withUnitBank<T>(
  context: RunContext,
  plan: CampaignPlan,
  use: (bank: Bank) => Promise<T>,
  withFeatures: boolean,
): Promise<T> {
  const { memory } = await context.pool();
  const mark = memory.mark();
  try {
    return await use(await campaignBank(context, plan, withFeatures));
  } finally {
    memory.release(mark);
  }
}

async function campaignBank(context: RunContext, plan: CampaignPlan, withFeatures: boolean): Promise<Bank> {
  const products = await (await context.snapshot()).products();
  const { config } = context.settings;
  const lines = await readUnits(context, plan.name);
  const units: Units = {
    cluster: new Int16Array(lines.length),
    ...{ failed: [], levels: [], baskets: [] },
    isHolder: new Uint8Array(lines.length),
    weight: Uint32Array.from(lines, ({ customers }) => customers),
  };
  for (const [i, { unit }] of lines.entries()) addUnit(units, i, unit);
  const csr = await csrOf(context, context.referenceDate, units.baskets);
  const popularity = await readPopularity(context, products);
  return {
    customers: lines.length,
    clusters: new Map(
      plan.scheme === null ? [] : [[plan.scheme, { clusters: units.cluster, count: clustersOfScheme(plan, popularity) }]],
    ),
    eligible: eligibility(plan, config.rules.length, units),
    holds: new Map([[plan.class, units.isHolder]]),
    ...{ products, csr, weight: units.weight, popularity: popularity.ranking },
    contexts: withFeatures ? ((await contextsOfTexts(context, units.levels, units.weight)) ?? undefined) : undefined,
    acquisitions: await campaignAcquired(context, plan),
  };
}

/** Reads the basket rows of a campaign, sorted by their text. */
async function readUnits(context: RunContext, campaign: string): Promise<{ unit: string; customers: number }[]> {
  const { engine } = await context.snapshot();
  const query = unitsQuery(context, engine.dialect.text, campaign);
  const lines: { unit: string; customers: number }[] = [];
  for await (const { rows, columns } of engine.query(query, { signal: context.signal, place: unitsFile })) {
    const [unit, customers] = [columns.unit as readonly string[], columns.customers as BigInt64Array];
    for (let i = 0; i < rows; i++) lines.push({ unit: unit[i]!, customers: Number(customers[i]) });
  }
  return lines;
}

function addUnit(units: Units, i: number, unit: string): void {
  const [cluster, failed, isHolder, basket, levels] = unit.split(unitMark);
  if (basket === undefined) throw bug(`unit ${i} of a campaign has no basket`);
  units.cluster[i] = Number(cluster);
  units.failed.push(failed!);
  units.levels.push(levels!);
  units.isHolder[i] = Number(isHolder);
  units.baskets.push(entriesOfText(basket));
}

/** For each rule of the config, the rows that meet it. Rules that do not apply to the campaign's class are left out. */
function eligibility({ rules }: CampaignPlan, count: number, { failed }: Units): Uint8Array[] {
  return Array.from({ length: count }, (_, rule) => {
    const at = rules.indexOf(rule);
    return Uint8Array.from(failed, (digits) => (at >= 0 && digits[at] === '1' ? 0 : 1));
  });
}

/** Number of customers by cluster, for each scheme. */
export async function clusterSizes({ folder }: RunContext): Promise<ReadonlyMap<string, readonly number[]>> {
  const { schemes } = (await readJson<PopularityCounts>(folder.file(popularityFile)))!;
  return new Map(Object.entries(schemes).map(([name, { sizes }]) => [name, sizes]));
}

async function readPopularity(context: RunContext, products: readonly Product[]) {
  const counts = (await readJson<PopularityCounts>(context.folder.file(popularityFile)))!;
  const schemes = new Map(Object.entries(counts.schemes));
  const ranking = new RecentPopularity(products, recentSince(context.referenceDate), counts.customers, schemes);
  for (const { product, held, recent } of counts.products) ranking.addCounted(product, held, recent);
  for (const [scheme, { recent }] of schemes) {
    for (const { cluster, product, customers } of recent) ranking.addCountedOf(scheme, cluster, product, customers);
  }
  return { ranking, schemes };
}

function clustersOfScheme(
  { scheme }: CampaignPlan,
  { schemes }: { schemes: ReadonlyMap<string, { sizes: readonly number[] }> },
): number {
  return required(schemes, scheme!).sizes.length;
}
