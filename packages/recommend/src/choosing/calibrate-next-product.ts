import { bug, type EvaluationWindow, mean, type PlainDate } from '@basketwise/core';
import { bandWeightsOf, fallbackOf } from '../campaigns/bank-settings.ts';
import type { CampaignPlan } from '../campaigns/campaign-plan.ts';
import { type NextProduct, utilityTerms } from '../campaigns/next-product.ts';
import { logOfScore, scoreBytes } from '../campaigns/softmax-log-sums.ts';
import { type CampaignModels, trainCampaign, type WantedModel } from '../campaigns/train.ts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import { type EvaluationSet, makeEvaluationSet, servedSide } from '../evaluation/campaign-side.ts';
import { candidatesOf, forEachScored } from '../evaluation/case-outcomes.ts';
import { fitShare } from '../evaluation/fit-share.ts';
import { fitSlopes, lossOfChoices, type ScoredChoice, type SlopePrior } from '../evaluation/fit-slopes.ts';
import { hash } from '../evaluation/hash.ts';
import { folds, learningFolds } from '../evaluation/hidden-holdings.ts';
import type { AdviceTools, BankSource, HeldOutData } from './bank-source.ts';
import { type CampaignChoice, calibratedModel } from './campaign-choice.ts';

/** Calibration of the probabilities of a campaign's lists for holdings without dates, with statistics of its data. */
export interface NextProductCalibration extends NextProduct {
  campaign: string;
  /** Date of the holdings, and number of folds of customers. The customers of one fold have a product held out. */
  window: EvaluationWindow;
  /** Number of target customers with a held-out product. */
  tested: number;
  /** Number of these customers whose held-out product is a candidate of the campaign. */
  taken: number;
}

/** Limits of a fit: number of choices (`mostChoices`), and number of their terms (`mostTerms`, 8 bytes each). */
const [mostChoices, mostTerms] = [10_000, 16_000_000];
/** Number of terms of a candidate's utility. */
const utilityWidth = utilityTerms(1, 1, 1).length;
/** Offsets of scores to try. With the smallest, a few products taken with a score near 0 can determine the slope of the logarithm. */
const offsets = [1e-6, 1e-5, 1e-4, 1e-3] as const;
/** Kind of model whose scores are already utilities of a conditional logit. The slope of its score is near 1; the other terms are left out. */
const utilityKind = 'next-purchase';
const utilityPrior: SlopePrior = { mean: 1, spread: 0.5 };
/**
 * Priors of the slopes of the log of a score and of the rank. The prior of a score's slope has standard deviation `scoreSpread` divided by the spread
 * of the scores.
 */
const [logPrior, rankPrior, scoreSpread] = [{ mean: 0, spread: 1 }, { mean: 0.5, spread: 1 }, 3] as const;

/**
 * Upper bound of the memory, in bytes, to calibrate probabilities if holdings have no dates. Kernel memory holds the scores. The heap
 * holds a copy of the scores, a sum per row and the terms of a fit.
 */
export function nextProductBytes(products: number, customers: number): { kernels: number; heap: number } {
  const scores = scoreBytes(customers, products);
  const choices = Math.min(mostChoices, Math.ceil(customers / folds));
  return { kernels: scores, heap: scores + 8 * (customers + Math.min(mostTerms, choices * products * utilityWidth)) };
}

/**
 * Calibrates the probabilities of lists for holdings without dates. Each customer of a test fold has one product held out. The models are fitted to
 * the remaining holdings, and the calibration to the held-out products. Rules are ignored, as in `calibrateAt`.
 * @param heldOutFold fold of the customers of an outer test
 * @returns null for a campaign with too few test customers
 * @throws AppError bug if the source cannot hold out products
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
  if (bank.heldOut === undefined) throw bug('products of this bank cannot be held out');
  const unruled = plans.map((plan) => ({ ...plan, rules: [], ...(plan.pooling === 'partial' && { scheme: null }) }));
  const found = new Map<string, NextProductCalibration | null>();
  for (const place of [0, 1]) {
    const some = unruled.filter((plan) => placeOfFold(plan, choices) === place);
    if (some.length === 0) continue;
    const before = pool.memory.mark();
    const data = await bank.heldOut({ plans: some, date, fold: learningFolds(heldOutFold)[place]!, heldOutFold });
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
 * Position of the fold to test on. It is 1 if the automatic choice used fold 0 and has no weights that were learned without fold 0 (`olderSpec`).
 * Otherwise it is 0. The ridges of the weights and of EASE are chosen with the tested fold too.
 */
function placeOfFold({ name, spec }: CampaignPlan, choices: readonly CampaignChoice[]): 0 | 1 {
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
  const { table, cases, purchasing: tested } = evaluationSet;
  if (tested < minimumCustomers) return null;
  const { models } = await trainCampaign({ pool, bandWeights, signal }, bank, table, wanted);
  const held = bank.popularity.holders().filter(({ group }) => table.columns.recommended.has(group));
  return {
    ...{ campaign: plan.name, window: bank.window, tested, taken: cases.cases.length },
    share: fitShare(bank, plan, table.columns),
    ...slopesOf(models, servedSide(evaluationSet, fallbackOf(models.kind, settings.fallback))),
    holders: Object.fromEntries(held.map(({ group, held: customers }) => [group, customers])),
  };
}

/** Fits the slopes of the terms of a model's utilities, and the offset of the scores with the largest likelihood. */
function slopesOf(models: CampaignModels, served: EvaluationSet): Pick<NextProduct, 'slopes' | 'offset'> {
  if (models.kind === utilityKind) {
    return { slopes: [...fitSlopes(scoredChoices(served, models, 1), [utilityPrior]), 0, 0], offset: offsets[0] };
  }
  const choices = scoredChoices(served, models, utilityWidth);
  const spread = spreadWithin(choices.map(({ terms }) => terms.filter((_, i) => i % utilityWidth === 0)));
  const scorePrior = { mean: 0, spread: spread > 0 ? scoreSpread / spread : 1 };
  const fits = offsets.map((offset) => {
    for (const { terms } of choices)
      for (let i = 0; i < terms.length; i += utilityWidth) terms[i + 1] = logOfScore(terms[i]!, offset);
    const slopes = fitSlopes(choices, [scorePrior, logPrior, rankPrior]);
    return { slopes, offset, loss: lossOfChoices(choices, slopes) };
  });
  const { slopes, offset } = fits.reduce((best, one) => (one.loss < best.loss ? one : best));
  return { slopes, offset };
}

/** Spread of scores: square root of the mean variance within the lists. 0 if there are no lists. */
function spreadWithin(lists: readonly Float64Array[]): number {
  const variances = lists.map((scores) => {
    const centre = mean(scores);
    return mean(scores.map((score) => (score - centre) ** 2));
  });
  return lists.length === 0 ? 0 : Math.sqrt(mean(variances));
}

/**
 * Choices of test customers whose lists the model makes, each with the terms of its candidates. If there are too many choices, a hash of the customer
 * number draws a sample.
 * @param width number of terms: 1 for the score alone
 */
function scoredChoices(served: EvaluationSet, models: CampaignModels, width: number): ScoredChoice[] {
  const { cases, allowed } = served.cases;
  const candidates = allowed.reduce((sum, is) => sum + is, 0);
  const most = Math.min(mostChoices, Math.floor(mostTerms / width / Math.max(1, candidates)));
  const share = most / cases.length;
  const drawn = cases.filter(({ customer }) => share >= 1 || hash(customer, 909) < share * 2 ** 32);
  const choices: ScoredChoice[] = [];
  for (const { cluster, range } of served.table.groups) {
    const model = models.byCluster.get(cluster) ?? models.all;
    const own = drawn.filter(({ customer }) => isInRange(served.table.basketOf[customer]!, range));
    if (model === null || own.length === 0) continue;
    let last: { scores: Float64Array; columns: number[]; terms: Float64Array } | undefined;
    forEachScored(model, own, (scores, at) => {
      if (last?.scores !== scores) last = { scores, ...termsOf(candidatesOf(served.cases, own[at]!), scores, width) };
      choices.push({ terms: last.terms, taken: last.columns.indexOf(own[at]!.targets[0]!) });
    });
  }
  return choices;
}

const isInRange = (row: number, { from, to }: { from: number; to: number }) => row >= from && row < to;

/** Candidate columns by falling score, and their terms, f64[candidates x width]. */
function termsOf(candidate: Uint8Array, scores: Float64Array, width: number): { columns: number[]; terms: Float64Array } {
  const columns = Array.from(candidate.keys()).filter((column) => candidate[column] === 1);
  columns.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const terms = columns.flatMap((column, place) => utilityTerms(scores[column]!, place + 1, offsets[0]).slice(0, width));
  return { columns, terms: Float64Array.from(terms) };
}
