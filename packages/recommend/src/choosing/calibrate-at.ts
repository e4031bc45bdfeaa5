import { daysSinceEpoch, type EvaluationWindow, evaluationWindows, fitSpec, type PlainDate } from '@basketwise/core';
import { bandWeightsOf } from '../campaigns/bank-settings.ts';
import { type CampaignTable, campaignTable } from '../campaigns/baskets.ts';
import { byCluster, type Calibration, calibrationTerms, customerGroups, forEachEntry } from '../campaigns/calibration.ts';
import { recommendations } from '../campaigns/campaign-counts.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { windowParts, year } from '../campaigns/class-purchases.ts';
import {
  coveredPurchases,
  type ProductRates,
  productRates,
  purchaseRates,
  type SalesOutlook,
  salesOutlooks,
} from '../campaigns/purchase-rates.ts';
import { scoreCampaign } from '../campaigns/score.ts';
import { firstDayOfSales, seasonOfParts, seasonsOf } from '../campaigns/seasons.ts';
import { type CampaignModels, ranksByFeatures, trainCampaign, type WantedModel } from '../campaigns/train.ts';
import { type BankAt, purchasesOf } from '../evaluation/bank-at.ts';
import { bestSellers } from '../evaluation/best-sellers.ts';
import { type EvaluationSet, makeEvaluationSet } from '../evaluation/campaign-side.ts';
import type { ModelCase } from '../evaluation/case-outcomes.ts';
import { byProduct, correctOdds } from '../evaluation/corrections.ts';
import { type CalibrationRows, chanceOf, fitCalibration, levelPriors } from '../evaluation/fit-calibration.ts';
import { hash } from '../evaluation/hash.ts';
import { ListJudge, listTools, oneModel } from '../evaluation/list-judge.ts';
import { ndcg } from '../evaluation/metrics.ts';
import { type CampaignVerdict, verdictOf } from '../evaluation/verdict.ts';
import type { AdviceTools, BankSource, CalibrationData } from './bank-source.ts';
import { type CampaignChoice, calibratedModel } from './campaign-choice.ts';

/** Approximate number of recommendations without a purchase that are sampled for a fit. */
const rowsLearned = 20_000;

/** Minimum number of days with known sales for a forecast. */
const leastSpan = 180;

/** Calibration of a campaign's probabilities, with statistics of its data. */
export interface CampaignCalibration extends Calibration {
  campaign: string;
  /** Window whose purchases were used. */
  window: EvaluationWindow;
  /** Number of recommendations to the sampled customers as of the start of the window: the lists' entries, summed over the customers. */
  pairs: number;
  /** Number of these recommendations whose product the customer purchased in the window. */
  bought: number;
  /** Number of purchases of the campaign's products by sampled target customers in the year before the reference date. */
  ofYear: number;
  /** Log of the forecast change of the purchase rate since the window. Already added to the intercept. */
  drift: number;
  /**
   * Test of the sales forecast on earlier windows of the year, without overlap. It has the purchases of the campaign's products by target customers,
   * and their forecast as of the start of each window. Null: sales of less than half a year are known. Then there is no forecast: the drift is 0.
   */
  earlier: SalesOutlook['earlier'] | null;
  /** Comparison of the lists with the popularity baselines in the window. Null if not requested, or if too few customers purchased. */
  verdict: CampaignVerdict | null;
}

/**
 * Calibrates the probabilities of campaigns' lists for a date. It fits the models on data before the newest window and compares their lists with the
 * purchases in the window. Then it shifts the level by the forecast of the campaign's sales. Rules are ignored, because they depend on today's
 * customer columns.
 * @param choices results of `chooseAt` for the campaigns with automatic models
 * @param judged whether lists of configured models are also compared with the popularity baselines. `chooseAt` makes this comparison for automatic
 * models
 */
export async function calibrateAt(
  bank: BankSource,
  plans: readonly CampaignPlan[],
  choices: readonly CampaignChoice[],
  date: PlainDate,
  tools: AdviceTools,
  judged = true,
): Promise<CampaignCalibration[]> {
  const { pool, settings, signal, step } = tools;
  const [window] = evaluationWindows(date, settings.evaluate.window, settings.evaluate.gap, 1);
  const { at, from, to } = window!;
  const unruled = plans.map((plan) => ({ ...plan, rules: [] }));
  const days = daysSinceEpoch(date) - daysSinceEpoch(from);
  const before = pool.memory.mark();
  const data = await bank.calibrationData(unruled, date, window!);
  const [today, since] = [daysSinceEpoch(date), firstDayOfSales(data.openings)];
  const spanAt = (day: number) => Math.min(year, Math.max(days, day - since));
  const found: JudgedLists[] = [];
  for (const plan of unruled) {
    signal?.throwIfAborted();
    step?.(`calibrating ${plan.name}, ${from} to ${to}`, 'calibrate');
    const mark = pool.memory.mark();
    const wanted = calibratedModel(plan, choices);
    found.push(
      await judgedLists(tools, data, [days, spanAt(daysSinceEpoch(at))], { plan, wanted, judged: judged && plan.spec !== null }),
    );
    pool.memory.release(mark);
  }
  pool.memory.release(before);
  const between = (daysSinceEpoch(from) - daysSinceEpoch(at)) / days;
  const { products } = data.bank;
  const rates = unruled.map((plan) => purchaseRates(data.purchases(plan.class).now, plan, products, days, spanAt(today)));
  const season = seasonOfParts(seasonsOf(data.openings, today + 1), today, days / windowParts(days).parts);
  const outlooks = today - since < leastSpan ? null : salesOutlooks(rates, between, season);
  const priors = levelPriors(
    found.map(({ pairs, bought }, i) => ({ pairs, bought, covered: coveredPurchases(rates[i]!, settings.top_n) })),
  );
  const fits = found.map(({ rows }, i) => {
    const rateOf = new Map(
      products.flatMap(({ groupKey }, product) => {
        const rate = rates[i]!.products[groupKey];
        return rate === undefined ? [] : [[product, rate] as const];
      }),
    );
    return { rows, fit: fitCalibration(rows, priors[i]!), rates: rateOf };
  });
  const corrected = correctOdds(fits);
  return found.map(({ pairs, bought, verdict }, i): CampaignCalibration => {
    const { intercept, groups } = corrected[i]!;
    const { drift, earlier } = outlooks?.[i] ?? { drift: 0, earlier: null };
    const ofNumbers = groups.get(byProduct) ?? [];
    const correctionOf = new Map([...ofNumbers].map(([product, value]) => [products[product]!.groupKey, value]));
    const ofCustomers = [...groups].filter(([name]) => name !== byProduct);
    const ofProducts = Object.entries(rates[i]!.products).map(([key, rate]) => [
      key,
      { ...rate, correction: correctionOf.get(key) ?? 0 },
    ]);
    return {
      ...{ campaign: unruled[i]!.name, window: window!, pairs, bought, ofYear: rates[i]!.ofYear, drift, earlier, verdict },
      ...{ intercept: intercept + drift, slopes: fits[i]!.fit.slopes, products: Object.fromEntries(ofProducts) },
      groups: Object.fromEntries(
        ofCustomers.map(([name, values]) => [name, Object.fromEntries([...values].sort(([a], [b]) => a - b))]),
      ),
    };
  });
}

/** Calibration rows and verdict of a campaign's lists as of the start of the window. */
interface JudgedLists {
  rows: CalibrationRows;
  pairs: number;
  bought: number;
  verdict: CampaignVerdict | null;
}

async function judgedLists(
  tools: AdviceTools,
  { bank, purchases, contexts, asOf }: CalibrationData,
  [days, span]: readonly [days: number, span: number],
  { plan, wanted, judged }: { plan: CampaignPlan; wanted: WantedModel; judged: boolean },
): Promise<JudgedLists> {
  const { pool, settings, signal } = tools;
  const bandWeights = bandWeightsOf(settings);
  const evaluationSet = await makeEvaluationSet(pool, bank, plan, bandWeights);
  const trainingTable = evaluationSet.table;
  const { models } = await trainCampaign({ pool, bandWeights, signal }, bank, trainingTable, wanted);
  const table = ranksByFeatures(models) ? await campaignTable(pool, { ...bank, contexts }, plan) : trainingTable;
  const { results } = await scoreCampaign({ ...listTools(settings, pool, []), signal }, bank, table, models);
  const products = productRates(purchases(plan.class).past, plan, bank.products, days, span);
  const isFlattered = plan.scheme !== null && !asOf.has(plan.scheme);
  const cases = { ...evaluationSet.cases, cases: orderedCases(evaluationSet.cases.cases, table) };
  const verdict = judged ? await judgeLists(tools, bank, { ...evaluationSet, table, cases }, models, isFlattered) : null;
  const made = calibrationRows(bank, table, results.units, products, isFlattered);
  return { ...made, verdict };
}

/** Test customers ordered by basket row, then by purchases. The order does not depend on customer numbers. */
function orderedCases(cases: readonly ModelCase[], { basketOf }: CampaignTable): ModelCase[] {
  const keyed = cases.map((one) => ({ one, row: basketOf[one.customer]!, targets: one.targets.join(' ') }));
  keyed.sort((a, b) => a.row - b.row || (a.targets < b.targets ? -1 : a.targets > b.targets ? 1 : 0));
  return keyed.map(({ one }) => one);
}

/** Compares a campaign's lists with those of the popularity baselines, by NDCG@5. */
async function judgeLists(
  { pool, settings, signal }: AdviceTools,
  bank: BankAt,
  evaluationSet: EvaluationSet,
  models: CampaignModels,
  isFlattered: boolean,
): Promise<CampaignVerdict | null> {
  const { cases } = evaluationSet;
  const withHistory = cases.cases.flatMap(({ hasHistory }, at) => (hasHistory ? [at] : []));
  const judge = new ListJudge(listTools(settings, pool, [5]), bank, evaluationSet);
  const valuesOf = async (made: CampaignModels) => {
    const { outcomes } = await judge.judge(made);
    return Float64Array.from(withHistory, (at) => ndcg(outcomes[at]!, 5));
  };
  const own = await valuesOf(models);
  const others: { name: string; values: Float64Array }[] = [];
  for (const { name, spec } of bestSellers(evaluationSet.data.acquisitions !== undefined)) {
    signal?.throwIfAborted();
    others.push({ name, values: await valuesOf(oneModel(await fitSpec(evaluationSet.data, spec))) });
  }
  const { bootstrap: resamples, seed } = settings.evaluate;
  return verdictOf(own, others, { window: bank.window, windows: 1, clustered: isFlattered, resamples, seed });
}

/**
 * Samples recommendations with their terms. All recommendations with a purchase are included. The others are sampled and weighted by the inverse of
 * their sampling probability.
 */
function calibrationRows(
  bank: BankAt,
  campaign: CampaignTable,
  lists: Parameters<typeof forEachEntry>[1],
  products: ProductRates,
  isFlattered: boolean,
): Omit<JudgedLists, 'verdict'> {
  const { table } = campaign;
  const boughtOf = purchasesOf(bank, campaign);
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  const chance = chanceOf(recommendations(multiplicity, lists.start, { from: 0, to: table.rows }), rowsLearned);
  const kept: { terms: number[]; pairs: number; bought: number; product: number; row: number }[] = [];
  const made: Pick<JudgedLists, 'pairs' | 'bought'> = { pairs: 0, bought: 0 };
  forEachEntry(campaign, lists, products, (terms, at, row) => {
    const [pairs, bought] = [multiplicity[row]!, boughtOf(row, lists.product[at]!)];
    made.pairs += pairs;
    made.bought += bought;
    const drawn = chance(pairs - bought);
    const about = { product: lists.product[at]!, row };
    if (bought > 0) kept.push({ terms: Array.from(terms), pairs: bought, bought, ...about });
    if (pairs > bought && hash(at, 707) < drawn * 2 ** 32)
      kept.push({ terms: Array.from(terms), pairs: (pairs - bought) / drawn, bought: 0, ...about });
  });
  // Today's clusters depend on the purchases in the window.
  const groupings = customerGroups(campaign).filter(([name]) => !(isFlattered && name === byCluster(campaign.plan.scheme ?? '')));
  const groups = groupings.map(([name, groupOf]) => [name, Int32Array.from(kept, ({ row }) => groupOf(row))] as const);
  const rows: CalibrationRows = {
    terms: Float64Array.from({ length: kept.length * calibrationTerms.length }, (_, i) => {
      return kept[Math.floor(i / calibrationTerms.length)]!.terms[i % calibrationTerms.length]!;
    }),
    pairs: Float64Array.from(kept, ({ pairs }) => pairs),
    bought: Float64Array.from(kept, ({ bought }) => bought),
    groups: new Map([...groups, [byProduct, Int32Array.from(kept, ({ product }) => product)]]),
  };
  return { ...made, rows };
}
