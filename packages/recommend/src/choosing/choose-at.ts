import {
  type EvaluationWindow,
  fitSpec,
  type Model,
  type ModelSpec,
  mean,
  type PlainDate,
  packEntry,
  pow,
  type SpecOfKind,
  usualEase,
  windowText,
} from '@basketwise/core';
import { type BankSettings, bandWeightsOf, fallbackOf } from '../campaigns/bank-settings.ts';
import { type CampaignPlan, usualSample } from '../campaigns/campaign-plan.ts';
import { type ClusterOfCustomers, withClusters } from '../campaigns/customer-contexts.ts';
import { trainingCustomers } from '../campaigns/train.ts';
import { bestSellers } from '../evaluation/best-sellers.ts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import { type EvaluationSet, makeEvaluationSet, servedSide, withCases, withoutColumns } from '../evaluation/campaign-side.ts';
import { type CaseSet, rankCases } from '../evaluation/case-outcomes.ts';
import { ndcg } from '../evaluation/metrics.ts';
import { customerLevels, type LevelsOfCustomer, rankingFeatures } from '../evaluation/ranking-features.ts';
import { verdictOf, verdictWarnings } from '../evaluation/verdict.ts';
import type { AdviceTools, BankSource, PastBanks } from './bank-source.ts';
import {
  bestSimpleModel,
  type CampaignChoice,
  decideBetween,
  decidingFolds,
  type SimpleValues,
  testedOn,
} from './campaign-choice.ts';
import { mostOfAll } from './choice-candidates.ts';
import { type Chosen, chooseModel, type Trial } from './choose-model.ts';
import { learnedModel, PurchaseLearner } from './learn-next-purchase.ts';
import type { FittedMember } from './purchase-choices.ts';

/** Weight of a window divided by the weight of the next newer window. */
const windowDecay = 0.7;

/** Most products in the columns of a campaign whose components stay in memory for several folds. In wider campaigns the first fold decides alone. */
const mostKept = mostOfAll;

/** Number of newest windows that judge the learned model, with dates. Without dates all folds do. */
const judgedWindows = 3;

/** Model tuned on the first fold, and its NDCG@5 by test case of this fold. */
interface Challenger {
  chosen: Chosen;
  values: Float64Array;
  ease: SpecOfKind<'ease'> | undefined;
}

/** Fold or window that judges models, with the components fitted to its other customers or to the time before it. */
interface JudgedFold {
  cases: CaseSet;
  columns: readonly string[];
  /** Position among the windows. */
  place: number;
  members: FittedMember[];
  /** NDCG@5 of the challenger by test case. Undefined without a challenger. */
  tuned: Float64Array | undefined;
  /** NDCG@5 of the simple models by test case. */
  simple: readonly SimpleValues[];
}

/** Training state of one campaign across windows. */
interface CampaignLearner {
  plan: CampaignPlan;
  learner: PurchaseLearner;
  /** Number of training customers of the newest window. */
  trained: number;
  /** For holdings without dates: the best model on the first fold, excluding next-purchase models. */
  challenger: Challenger | null;
  /** Folds or windows that judge the learned model, the newest first. */
  judging: JudgedFold[];
  /** Warnings about unknown earlier clusters. */
  warnings: readonly string[];
}

/**
 * Chooses the models of campaigns as of a date. With dates, the choice is a next-purchase model whose weights are learned from the purchases in
 * earlier windows. The best simple model replaces it if it is better in the newest three windows. Without dates, the weights are learned from
 * held-out products of four folds. A model tuned on the first fold replaces it if it is better on the other folds.
 * @param heldOutFold without dates: fold of the customers of an outer test
 */
export async function chooseAt(
  bank: BankSource,
  plans: readonly CampaignPlan[],
  date: PlainDate,
  tools: AdviceTools,
  heldOutFold?: number,
): Promise<CampaignChoice[]> {
  const choices: CampaignChoice[] = [];
  for (const { size, seed, plans: some } of bySample(plans)) {
    const past = await bank.lookBack({ plans: some, date, size, seed, heldOutFold });
    choices.push(...(await chooseOnSample(past, some, tools)));
  }
  return plans.map(({ name }) => choices.find(({ campaign }) => campaign === name)!);
}

/** Campaigns that use the same sample of customers, with the sample's size and seed. */
interface SampledPlans {
  size: number;
  seed: number;
  plans: CampaignPlan[];
}

function bySample(plans: readonly CampaignPlan[]): SampledPlans[] {
  const groups = new Map<string, SampledPlans>();
  for (const plan of plans) {
    const { sample: size = usualSample.sample, seed = usualSample.seed } = plan.model;
    const group = groups.get(`${size} ${seed}`) ?? { size, seed, plans: [] };
    group.plans.push(plan);
    groups.set(`${size} ${seed}`, group);
  }
  return [...groups.values()];
}

/** Chooses the models of campaigns from the windows of one sample, newest window first. */
async function chooseOnSample(
  past: PastBanks,
  plans: readonly CampaignPlan[],
  { pool, settings, signal, step }: AdviceTools,
): Promise<CampaignChoice[]> {
  const { windows } = past;
  const bandWeights = bandWeightsOf(settings);
  const isDated = settings.tables.holdings.date !== null;
  const clustersOf = await pastClusters(past, plans);
  const knownAt = async (k: number) => {
    const known = await past.contexts(k);
    return (plan: CampaignPlan) => {
      const then = clustersOf(plan);
      return then ? withClusters(known, plan.scheme!, then[k]!) : known;
    };
  };
  const first = await knownAt(0);
  const learners = plans.map((plan): CampaignLearner => {
    const ranking = rankingFeatures(first(plan), clustersOf(plan) !== null);
    const warnings = isShifted(plan) && clustersOf(plan) === null ? [unshiftedText(plan, isDated ? windows : [])] : [];
    return { plan, learner: new PurchaseLearner(pool, ranking, isDated), trained: 0, challenger: null, judging: [], warnings };
  });
  const before = pool.memory.mark();
  let customers = 0;
  for (const [k, window] of windows.entries()) {
    const bank = await past.at(k);
    const knownOf = k === 0 ? first : await knownAt(k);
    customers = bank.weight?.reduce((sum, weight) => sum + weight, 0) ?? bank.customers;
    for (const one of learners) {
      signal?.throwIfAborted();
      step?.(`learning ${one.plan.name}, ${isDated ? `${window.from} to ${window.to}` : `fold ${k + 1}`}`, 'choose');
      const mark = pool.memory.mark();
      const known = knownOf(one.plan);
      const levelsOf = customerLevels(known);
      const made = await makeEvaluationSet(pool, bank, withoutColumns(one.plan), bandWeights, known);
      const evaluationSet = servedSide(orderedSide(made, levelsOf), fallbackOf('next-purchase', settings.fallback));
      if (k === 0 || !isDated || evaluationSet.data.acquisitions !== undefined) {
        const judged = judgedSide(evaluationSet);
        if (k === 0 && !isDated) one.challenger = await challengerOf(judged);
        const ease = one.challenger?.ease;
        const members = await one.learner.add({ evaluationSet, levelsOf, weight: isDated ? pow(windowDecay, k) : 1, ease });
        const { columns, pseudoColumns } = made.table.table;
        if (k === 0) one.trained = trainingCustomers(evaluationSet.data.holdings);
        const isJudge = isDated ? k < judgedWindows : one.challenger !== null;
        const isNarrow = columns.length - pseudoColumns <= mostKept;
        if (k === 0 || (isJudge && members.length > 0 && isNarrow)) {
          const tuned = k === 0 ? one.challenger?.values : await valuesOn(judged, one, members);
          const simple = await simpleScores(judged, isDated && isNarrow);
          const { cases, data } = judged;
          one.judging.push({ place: k, cases, columns: data.holdings.table.columns, members, tuned, simple });
        }
      }
      pool.memory.release(mark);
    }
    pool.memory.release(before);
  }
  return learners.map((one) => learned(one, windows[0]!, customers, settings));
}

/** Whether clusters can shift the common model of a campaign. */
function isShifted({ scheme, pooling }: CampaignPlan): boolean {
  return scheme !== null && pooling === 'partial';
}

/** Warning that clusters cannot shift a campaign's common model, because the clusters of earlier dates are unknown. */
function unshiftedText({ name, scheme }: CampaignPlan, windows: readonly EvaluationWindow[]): string {
  const one = `campaigns.${name}.by_cluster: one model serves all clusters of ${scheme}`;
  const each = 'say `pooling: none` for a model each';
  if (windows.length === 0) return `${one}, because holdings without dates do not show how much clusters differ: ${each}`;
  const days = windows.map(({ at }) => at).toSorted();
  return `${one}, because cluster membership is unknown on ${days.join(', ')}: name the states of the customers table in tables.customers.history, or ${each}`;
}

/**
 * Returns the clusters of a campaign's scheme at each window. Null if clusters cannot shift the campaign's model, or if the clusters of any window
 * are unknown.
 */
async function pastClusters(
  past: PastBanks,
  plans: readonly CampaignPlan[],
): Promise<(plan: CampaignPlan) => readonly ClusterOfCustomers[] | null> {
  const found = new Map<string | null, readonly ClusterOfCustomers[] | null>();
  for (const { scheme } of plans.filter(isShifted)) if (!found.has(scheme)) found.set(scheme, await past.clusters(scheme!));
  return (plan) => (isShifted(plan) ? (found.get(plan.scheme) ?? null) : null);
}

/** Evaluation set with its test customers ordered by basket, purchases and feature levels. The order does not depend on customer numbers. */
function orderedSide(evaluationSet: EvaluationSet, levelsOf: LevelsOfCustomer): EvaluationSet {
  const keyed = evaluationSet.cases.cases.map((one) => ({
    one,
    key: [one.basket.map(packEntry), one.targets, levelsOf(one.customer)].map((part) => part.join(' ')).join('|'),
  }));
  const cases = keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one);
  return { ...evaluationSet, cases: { ...evaluationSet.cases, cases } };
}

/** Evaluation set with only the test customers who count in the verdict: customers who held a product of the bank. */
function judgedSide(evaluationSet: EvaluationSet): EvaluationSet {
  return withCases(evaluationSet, ({ hasHistory }) => hasHistory);
}

/** Best model of `chooseModel` on the newest fold, with its NDCG@5 by test case. Null if the fold has too few test customers. */
async function challengerOf({ data, cases }: EvaluationSet): Promise<CampaignLearner['challenger']> {
  if (cases.cases.length < minimumCustomers) return null;
  const chosen = await chooseModel(data, cases);
  const model = await fitSpec(data, chosen.spec);
  const ease = chosen.trials.map(({ spec }) => spec).find((spec) => spec.kind === 'ease');
  return { chosen, ease, values: Float64Array.from(rankCases(model, cases), (outcome) => ndcg(outcome, 5)) };
}

/** NDCG@5 of the challenger by test case of a further fold. The component EASE is not fitted again. Undefined without a challenger. */
async function valuesOn(
  evaluationSet: EvaluationSet,
  { challenger, learner }: CampaignLearner,
  fitted: readonly FittedMember[],
): Promise<Float64Array | undefined> {
  if (challenger === null) return;
  const { chosen, ease } = challenger;
  const shared = learner.members.findIndex(({ spec }) => spec === ease);
  const inner = new Map<ModelSpec, Model>(ease && shared >= 0 ? [[ease, fitted[shared]!.model]] : []);
  const model = inner.get(chosen.spec) ?? (await fitSpec(evaluationSet.data, chosen.spec, {}, inner));
  return ndcgOfCases(model, evaluationSet);
}

/** Learns the weights of a campaign from all windows. Also learns them without each judging window, and tests them in it. */
function learned(learner: CampaignLearner, window: EvaluationWindow, customers: number, config: BankSettings): CampaignChoice {
  const { plan, learner: purchases, trained, challenger: tuned, judging, warnings: unknown } = learner;
  const { members } = purchases;
  const newest = judging[0]!;
  const tested = newest.cases.cases.length;
  const [all, ...withoutWindow] = purchases.learn('all', ...judging.map(({ place }) => ({ without: place })));
  const older = withoutWindow[0]!;
  const { spec: _, ...weights } = all;
  const about = { campaign: plan.name, window, customers, trained, tested };
  const specs = { spec: all.spec, ...(older.customers > 0 && { olderSpec: older.spec }) };
  if (judging.reduce((sum, { cases }) => sum + cases.cases.length, 0) < minimumCustomers) {
    const warning = `campaigns.${plan.name}: too few test customers (${minimumCustomers} are needed) for a verdict (${windowText(window)})`;
    return { ...about, ...specs, learned: weights, trials: [], verdict: null, warnings: [...unknown, warning] };
  }
  const values = judging.map((fold, i) => {
    const ofWindow = ndcgOfCases(learnedModel(withoutWindow[i]!, fold, fold.members, members), fold);
    return { learned: ofWindow, challenger: fold.tuned ?? ofWindow, simple: fold.simple };
  });
  const [best, folds] = tuned ? [tuned.chosen, decidingFolds(values[0]!, values.slice(1))] : bestSimpleModel(values);
  const decision = decideBetween(best.name, folds);
  const { own, baselines } = testedOn(folds, decision.replaces);
  const { bootstrap: resamples, seed } = config.evaluate;
  const windows = tuned ? 1 : folds.length;
  const verdict = verdictOf(own, baselines, { window, windows, clustered: false, resamples, seed });
  const warnings = [...unknown, ...verdictWarnings(plan.name, verdict)];
  const trials: Trial[] =
    tested < minimumCustomers
      ? []
      : [
          ...members.map(({ name, spec }, k) => ({ name, spec, score: mean(ndcgOfCases(newest.members[k]!.model, newest)) })),
          { name: 'next-purchase', spec: older.spec, score: mean(values[0]!.learned) },
          ...(tuned?.chosen.trials ?? []),
        ];
  // A challenger has no `olderSpec`, because its specification is not learned from windows.
  const chosen = decision.replaces ? { spec: best.spec } : specs;
  return { ...about, ...chosen, learned: weights, trials, decision, verdict, warnings };
}

/** NDCG@5 of the popularity baselines, and of EASE if wanted, in a window or fold, by test case. */
async function simpleScores(evaluationSet: EvaluationSet, withEase: boolean): Promise<SimpleValues[]> {
  const scores: SimpleValues[] = [];
  const ease = withEase ? [{ name: 'ease', spec: usualEase }] : [];
  for (const { name, spec } of [...bestSellers(evaluationSet.data.acquisitions !== undefined), ...ease]) {
    scores.push({ name, spec, values: ndcgOfCases(await fitSpec(evaluationSet.data, spec), evaluationSet) });
  }
  return scores;
}

function ndcgOfCases(model: Model, { cases }: Pick<EvaluationSet, 'cases'>): Float64Array {
  return Float64Array.from(rankCases(model, cases), (outcome) => ndcg(outcome, 5));
}
