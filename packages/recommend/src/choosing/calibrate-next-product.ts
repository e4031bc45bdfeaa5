import { type EvaluationWindow, kindOf, mean, noBasket, type PlainDate } from '@basketwise/core/parts';
import { type BankSettings, bandWeightsOf } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { type NextProduct, utilityTerms } from '../campaigns/next-product.ts';
import { type CampaignModels, trainCampaign, type WantedModel } from '../campaigns/train.ts';
import type { BankAt } from '../evaluation/bank-at.ts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import { type EvaluationSet, makeEvaluationSet } from '../evaluation/campaign-side.ts';
import { candidatesOf, forEachScored, type ModelCase } from '../evaluation/case-outcomes.ts';
import { fitSlopes, type ScoredChoice, type SlopePrior } from '../evaluation/fit-slopes.ts';
import { hash } from '../evaluation/hash.ts';
import { learningFolds } from '../evaluation/hidden-holdings.ts';
import type { AdviceTools, BankSource, HeldOutData } from './bank-source.ts';
import { type CampaignChoice, calibratedModel } from './campaign-choice.ts';

/** Probabilities of a campaign's lists for holdings without dates, and the data of their fit. */
export interface NextProductCalibration extends NextProduct {
  campaign: string;
  /** Date of the holdings, and number of folds. The customers of one fold have a product held out. */
  window: EvaluationWindow;
  /** Number of target customers with a product held out. */
  tested: number;
  /** Number of these whose product is a candidate of the campaign. */
  taken: number;
}

/** Number of terms of a utility. */
const utilityWidth = utilityTerms(1, 1).length;
/** Most choices of a fit, and most terms of them, of 8 bytes each. */
const [mostChoices, mostTerms] = [10_000, 16_000_000];
/** Kinds whose scores are utilities: sums with weights that a conditional logit has fitted. Their slope is near 1, and other terms are not needed. */
const utilityKinds: ReadonlySet<string> = new Set(['next-purchase', 'blend']);
const utilityPrior: SlopePrior = { mean: 1, spread: 0.5 };
/** Priors of the slopes of the log of a score and of the rank. The spread of the slope of a score is this over the spread of the scores. */
const [logPrior, rankPrior, scoreSpread] = [{ mean: 0, spread: 1 }, { mean: 0.5, spread: 1 }, 3] as const;

/**
 * Fits the probabilities of lists for holdings without dates, out of fold: the models are fitted to holdings of which one product of each customer of a
 * fold is held out. Rules are ignored, as in `calibrateAt`.
 * @param heldOutFold fold of customers tested elsewhere
 * @returns null for a campaign with too few test customers
 */
export async function calibrateNextProduct(
  bank: BankSource,
  plans: readonly CampaignPlan[],
  choices: readonly CampaignChoice[],
  date: PlainDate,
  tools: AdviceTools,
  heldOutFold?: number,
): Promise<(NextProductCalibration | null)[]> {
  const { pool, signal, step } = tools;
  const unruled = plans.map((plan) => ({ ...plan, rules: [], ...(plan.pooling === 'partial' && { scheme: null }) }));
  const found = new Map<string, NextProductCalibration | null>();
  if (bank.heldOut === undefined) return plans.map(() => null);
  for (const [place, fold] of learningFolds(heldOutFold).entries()) {
    const some = unruled.filter((plan) => placeOfFold(plan, choices) === place);
    if (some.length === 0) continue;
    const before = pool.memory.mark();
    const data = await bank.heldOut({ plans: some, date, fold, heldOutFold });
    for (const plan of some) {
      signal?.throwIfAborted();
      step?.(`calibrating ${plan.name}, fold ${place + 1}`, 'calibrate');
      const mark = pool.memory.mark();
      found.set(plan.name, await calibrated(data, plan, calibratedModel(plan, choices), tools));
      pool.memory.release(mark);
    }
    pool.memory.release(before);
  }
  return plans.map(({ name }) => found.get(name) ?? null);
}

/**
 * Position of a fold whose held-out products the spec of a campaign's model is independent of. Weights learned without the first fold are tested on it. A
 * chosen model was tuned on the first fold, so the second tests it.
 */
function placeOfFold({ name, spec }: CampaignPlan, choices: readonly CampaignChoice[]): number {
  const choice = spec === null ? choices.find(({ campaign }) => campaign === name) : undefined;
  return choice !== undefined && choice.olderSpec === undefined ? 1 : 0;
}

async function calibrated(
  { bank, contexts }: HeldOutData,
  plan: CampaignPlan,
  wanted: WantedModel,
  { pool, settings, signal }: AdviceTools,
): Promise<NextProductCalibration | null> {
  const bandWeights = bandWeightsOf(settings);
  const evaluationSet = await makeEvaluationSet(pool, bank, plan, bandWeights, contexts ?? null);
  const { table } = evaluationSet;
  const tested = heldOutTargets(bank, evaluationSet);
  const taken = evaluationSet.cases.cases.length;
  if (tested < minimumCustomers) return null;
  const { models } = await trainCampaign({ pool, bandWeights, signal }, bank, table, wanted);
  const slopes = slopesOf(wanted.spec.kind, scoredChoices(evaluationSet, models, settings));
  const held = bank.popularity.holders().filter(({ group }) => table.columns.recommended.has(group));
  return {
    ...{ campaign: plan.name, window: bank.window, tested, taken },
    share: (taken + 0.5) / (tested + 1),
    slopes,
    holders: Object.fromEntries(held.map(({ group, held: customers }) => [group, customers])),
  };
}

/** Number of target customers with a product held out. */
function heldOutTargets({ added }: BankAt, { table, ranges }: EvaluationSet): number {
  let count = 0;
  for (const customer of added.keys()) {
    const row = table.basketOf[customer]!;
    if (row !== noBasket && ranges.some(({ from, to }) => row >= from && row < to)) count++;
  }
  return count;
}

/** Slopes of the terms of a model's utilities. */
function slopesOf(kind: string, choices: readonly ScoredChoice[]): number[] {
  const scores = choices.map(({ terms, taken }) => ({ terms: terms.filter((_, i) => i % utilityWidth === 0), taken }));
  if (utilityKinds.has(kind)) return [...fitSlopes(scores, [utilityPrior]), 0, 0];
  const spread = spreadWithin(scores.map(({ terms }) => terms));
  const scorePrior = { mean: 0, spread: spread > 0 ? scoreSpread / spread : 1 };
  return fitSlopes(choices, [scorePrior, logPrior, rankPrior]);
}

/** Root of the mean variance within lists of scores; 0 without lists. */
function spreadWithin(lists: readonly Float64Array[]): number {
  const variances = lists.map((scores) => {
    const centre = mean(scores);
    return mean(scores.map((score) => (score - centre) ** 2));
  });
  return lists.length === 0 ? 0 : Math.sqrt(mean(variances));
}

/** Choices of the customers whose lists are the model's, each with the scores of the candidates. Of many, some are drawn by a hash. */
function scoredChoices(
  { cases, table }: EvaluationSet,
  { kind, byCluster, all }: CampaignModels,
  { fallback }: BankSettings,
): ScoredChoice[] {
  const byPopularity = (fallback ?? (kindOf(kind).servesAll ? 'model' : 'popularity')) === 'popularity';
  const products = table.table.columns.length - table.table.pseudoColumns;
  const served = cases.cases.filter(({ basket }) => !byPopularity || basket.some(({ column }) => column < products));
  const candidates = cases.allowed.reduce((sum, is) => sum + is, 0);
  const most = Math.min(mostChoices, Math.floor(mostTerms / utilityWidth / Math.max(1, candidates)));
  const share = most / served.length;
  const drawn = served.filter((_, place) => share >= 1 || hash(place, 909) < share * 2 ** 32);
  const choices: ScoredChoice[] = [];
  for (const { cluster, range } of table.groups) {
    const model = byCluster.get(cluster) ?? all;
    const own = drawn.filter(({ customer }) => isIn(table.basketOf[customer]!, range));
    if (model === null || own.length === 0) continue;
    forEachScored(model, own, (scores, at) => {
      choices.push(choiceOf(own[at]!, candidatesOf(cases, own[at]!), scores));
    });
  }
  return choices;
}

const isIn = (row: number, { from, to }: { from: number; to: number }) => row >= from && row < to;

function choiceOf({ targets }: ModelCase, candidate: Uint8Array, scores: Float64Array): ScoredChoice {
  const columns = Array.from(candidate.keys()).filter((column) => candidate[column] === 1);
  columns.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const terms = columns.flatMap((column, place) => utilityTerms(scores[column]!, place + 1));
  return { terms: Float64Array.from(terms), taken: columns.indexOf(targets[0]!) };
}
