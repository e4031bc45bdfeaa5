import type { SchemeClusters } from '../campaigns/bank.ts';
import type { BankRecords } from '../campaigns/bank-records.ts';
import type { BankSettings } from '../campaigns/bank-settings.ts';
import { type CampaignTable, makeBaskets } from '../campaigns/baskets.ts';
import { type Calibration, calibrationTerms, forEachEntry } from '../campaigns/calibration.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import type { CustomerContexts, DatedContexts } from '../campaigns/customer-contexts.ts';
import { clustersAt, type DatedClusters } from '../campaigns/dated-clusters.ts';
import { expectedDrift, type PurchaseRates, purchaseRates } from '../campaigns/purchase-rates.ts';
import { scoreCampaign } from '../campaigns/score.ts';
import { type CampaignModels, ranksByFeatures, trainCampaign, type WantedModel } from '../campaigns/train.ts';
import { daysSinceEpoch, type PlainDate } from '../dates/plain-date.ts';
import { type EvaluationWindow, evaluationWindows } from '../dates/windows.ts';
import { type BankAt, loadBankAt } from '../evaluation/bank-at.ts';
import { bestSellers } from '../evaluation/best-sellers.ts';
import { type CampaignSide, campaignSide } from '../evaluation/campaign-side.ts';
import { type CustomerSample, sampleCustomers } from '../evaluation/customer-sample.ts';
import { type CalibrationRows, chanceOf, fitCalibration } from '../evaluation/fit-calibration.ts';
import { hash } from '../evaluation/hash.ts';
import { keptRecords } from '../evaluation/kept-records.ts';
import { ListJudge, listTools, oneModel } from '../evaluation/list-outcomes.ts';
import { purchasesOf } from '../evaluation/list-purchases.ts';
import { ndcg } from '../evaluation/metrics.ts';
import { sampledContexts } from '../evaluation/ranking-features.ts';
import { type CampaignVerdict, verdictOf } from '../evaluation/verdict.ts';
import { fitSpec } from '../fitting/fit-spec.ts';
import type { KernelPool } from '../wasm/pool.ts';

/** Customers who are looked at, and recommendations that are learned from. */
const [sampleSize, rowsLearned] = [100_000, 20_000];

/** How the rows of a campaign get their probabilities, and from what that was learned. */
export interface CampaignCalibration extends Calibration {
  campaign: string;
  /** The window whose purchases were learned from. */
  window: EvaluationWindow;
  /** Recommendations that would have been made on its date, to the customers looked at, and how many of them were bought. */
  pairs: number;
  bought: number;
  /** Log of what was added to the level for the time since. */
  drift: number;
  /** How the lists did in it; null where it was not asked, or too few customers bought. */
  verdict: CampaignVerdict | null;
}

/** Tools and data of calibrating. */
export interface CalibrationTools {
  pool: KernelPool;
  records: BankRecords;
  config: BankSettings;
  /** Features of customers beside their holdings; null: models rank by holdings alone. */
  contexts: DatedContexts | null;
  /** Clusters at earlier dates; absent: they are taken as they are. */
  dated?: DatedClusters | undefined;
  signal?: AbortSignal | undefined;
  step?: ((text: string) => void) | undefined;
}

/** A campaign, and the model that its lists come from. */
export interface CalibratedPlan {
  plan: CampaignPlan;
  wanted: WantedModel;
  /** Whether its lists are held against those of best sellers, too. */
  judged: boolean;
}

/**
 * Calibrates the lists of campaigns that are made on a date: the models are fitted on what was known at the beginning of the newest window before it,
 * the lists that they would have published are held against what was bought in it, and the level goes on as purchases have grown.
 * Rules are left out, as they go by customer columns as they are today.
 */
export async function calibrateAt(
  tools: CalibrationTools,
  campaigns: readonly CalibratedPlan[],
  date: PlainDate,
  clusters: SchemeClusters,
): Promise<CampaignCalibration[]> {
  const { pool, records, config, contexts, dated, signal, step } = tools;
  const { window, gap } = config.evaluate;
  const [test] = evaluationWindows(date, window, gap, 1);
  const sample = sampleCustomers(records.customerCount, sampleSize, 0);
  const own = await keptRecords(records, date, sample);
  const plans = campaigns.map(({ plan }) => ({ ...plan, rules: [] }));
  const before = pool.memory.mark();
  const now = await loadBankAt(pool, own, config, plans, { at: date, from: date, to: date });
  const days = daysSinceEpoch(date) - daysSinceEpoch(test!.from);
  const rates = plans.map((plan) => purchaseRates(now, plan, days));
  pool.memory.release(before);
  const past = await clustersAt(dated, clusters, test!.at);
  const bank = await loadBankAt(pool, own, config, plans, test!, { clusters: clustersOf(past.clusters, sample) });
  const known = sampledContexts((await contexts?.at(test!.at)) ?? null, sample) ?? undefined;
  const found: { lists: MadeLists; rates: PurchaseRates }[] = [];
  for (const [i, plan] of plans.entries()) {
    signal?.throwIfAborted();
    step?.(`calibrating ${plan.name}, ${test!.from} to ${test!.to}`);
    const mark = pool.memory.mark();
    const isFlattered = plan.scheme !== null && !past.asOf.has(plan.scheme);
    found.push({ lists: await listsOf(tools, { bank, known, days, isFlattered }, { ...campaigns[i]!, plan }), rates: rates[i]! });
    pool.memory.release(mark);
  }
  pool.memory.release(before);
  const all = { pairs: sumOf(found, ({ lists }) => lists.pairs), bought: sumOf(found, ({ lists }) => lists.bought) };
  const rate = (all.bought + 0.5) / (all.pairs + 100);
  const between = (daysSinceEpoch(test!.from) - daysSinceEpoch(test!.at)) / days;
  return found.map(({ lists: { rows, pairs, bought, verdict }, rates }, i): CampaignCalibration => {
    const { intercept, slopes } = fitCalibration(rows, rate);
    const drift = expectedDrift(rates, between);
    const about = { campaign: plans[i]!.name, window: test!, pairs, bought, drift, verdict };
    return { ...about, intercept: intercept + drift, slopes, products: rates.products };
  });
}

/** Clusters of the customers of a sample. */
function clustersOf(clusters: SchemeClusters, sample: CustomerSample | undefined): SchemeClusters {
  if (sample === undefined) return clusters;
  return new Map(
    [...clusters].map(([name, { clusters: of, count }]) => {
      const some = new Int16Array(sample.customers);
      for (const [customer, number] of sample.numberOf.entries()) if (number >= 0) some[number] = of[customer]!;
      return [name, { clusters: some, count }];
    }),
  );
}

/** Outcome of a campaign's lists of a date. */
interface MadeLists {
  rows: CalibrationRows;
  pairs: number;
  bought: number;
  verdict: CampaignVerdict | null;
}

/** A bank as of the beginning of the newest window. */
interface CalibrationBank {
  bank: BankAt;
  known: CustomerContexts | undefined;
  /** Length of the window. */
  days: number;
  /** Whether the campaign's clusters go by columns of today, which may know what was bought. */
  isFlattered: boolean;
}

async function listsOf(
  tools: CalibrationTools,
  { bank, known, days, isFlattered }: CalibrationBank,
  { plan, wanted, judged }: CalibratedPlan,
): Promise<MadeLists> {
  const { pool, config, signal } = tools;
  const bandWeights = config.recency.bands.map(({ weight }) => weight);
  const side = await campaignSide(pool, bank, plan, bandWeights);
  const lessons = side.table;
  const { models } = await trainCampaign({ pool, bandWeights, signal }, bank, lessons, wanted);
  const table = ranksByFeatures(models) ? await makeBaskets(pool, { ...bank, contexts: known }, plan) : lessons;
  const { results } = await scoreCampaign({ ...listTools(config, pool, []), signal }, bank, table, models);
  const { products } = purchaseRates(bank, plan, days);
  const verdict = judged ? await judgeLists(tools, bank, { ...side, table }, models, isFlattered) : null;
  return { ...rowsOf(bank, table, results.units, products), verdict };
}

/** Holds a campaign's lists against those of best sellers. */
async function judgeLists(
  { pool, config, signal }: CalibrationTools,
  bank: BankAt,
  side: CampaignSide,
  models: CampaignModels,
  isFlattered: boolean,
): Promise<CampaignVerdict | null> {
  const { cases } = side;
  const told = cases.cases.flatMap(({ hasHistory }, at) => (hasHistory ? [at] : []));
  const judge = new ListJudge(listTools(config, pool, [5]), bank, side);
  const valuesOf = async (made: CampaignModels) => {
    const { outcomes } = await judge.judge(made);
    return Float64Array.from(told, (at) => ndcg(outcomes[at]!, 5));
  };
  const own = await valuesOf(models);
  const others: { name: string; values: Float64Array }[] = [];
  for (const { name, spec } of bestSellers(side.data.acquisitions !== undefined)) {
    signal?.throwIfAborted();
    others.push({ name, values: await valuesOf(oneModel(await fitSpec(side.data, spec))) });
  }
  const { bootstrap: resamples, seed } = config.evaluate;
  return verdictOf(own, others, { window: bank.window, clustered: isFlattered, resamples, seed });
}

/** Recommendations with their terms: all that were bought, and of the others about as many as are learned from, standing for all. */
function rowsOf(
  bank: BankAt,
  campaign: CampaignTable,
  lists: Parameters<typeof forEachEntry>[1],
  products: Calibration['products'],
): Omit<MadeLists, 'verdict'> {
  const { table } = campaign;
  const boughtOf = purchasesOf(bank, campaign);
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const chance = chanceOf(recommendations(multiplicity, lists.start), rowsLearned);
  const kept: { terms: number[]; pairs: number; bought: number }[] = [];
  const made: Pick<MadeLists, 'pairs' | 'bought'> = { pairs: 0, bought: 0 };
  forEachEntry(campaign, lists, products, (terms, at, row) => {
    const [pairs, bought] = [multiplicity[row]!, boughtOf(row, lists.product[at]!)];
    made.pairs += pairs;
    made.bought += bought;
    const drawn = chance(pairs - bought);
    if (bought > 0) kept.push({ terms: Array.from(terms), pairs: bought, bought });
    if (pairs > bought && hash(at, 707) < drawn * 2 ** 32)
      kept.push({ terms: Array.from(terms), pairs: (pairs - bought) / drawn, bought: 0 });
  });
  const rows: CalibrationRows = {
    terms: Float64Array.from({ length: kept.length * calibrationTerms.length }, (_, i) => {
      return kept[Math.floor(i / calibrationTerms.length)]!.terms[i % calibrationTerms.length]!;
    }),
    pairs: Float64Array.from(kept, ({ pairs }) => pairs),
    bought: Float64Array.from(kept, ({ bought }) => bought),
  };
  return { ...made, rows };
}

/** Recommendations of all customers. */
function recommendations(multiplicity: Uint32Array, start: Uint32Array): number {
  let sum = 0;
  for (const [row, customers] of multiplicity.entries()) sum += customers * (start[row + 1]! - start[row]!);
  return sum;
}

function sumOf<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((sum, one) => sum + value(one), 0);
}
