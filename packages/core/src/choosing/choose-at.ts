import { packEntry } from '../baskets/basket-table.ts';
import { type BankSettings, bandWeightsOf } from '../campaigns/bank-settings.ts';
import { type CampaignPlan, usualSample } from '../campaigns/campaign-plan.ts';
import { type ClusterOfCustomers, withClusters } from '../campaigns/dated-clusters.ts';
import { trainingCustomers } from '../campaigns/train.ts';
import type { PlainDate } from '../dates/plain-date.ts';
import { type EvaluationWindow, windowText } from '../dates/windows.ts';
import { bestSellers } from '../evaluation/best-sellers.ts';
import { minimumCustomers } from '../evaluation/bootstrap.ts';
import { type CampaignSide, campaignSide, withoutColumns } from '../evaluation/campaign-side.ts';
import { type ModelCase, rankCases } from '../evaluation/case-outcomes.ts';
import { ndcg } from '../evaluation/metrics.ts';
import { customerLevels, type LevelsOfCustomer, rankingFeatures } from '../evaluation/ranking-features.ts';
import { type TestedValues, verdictOf, verdictWarnings } from '../evaluation/verdict.ts';
import { fitSpec } from '../kinds/fit-spec.ts';
import type { SpecOfKind } from '../kinds/kinds.ts';
import type { Model } from '../models/model.ts';
import { pow } from '../numbers/elementary.ts';
import { mean } from '../numbers/vectors.ts';
import type { AdviceTools, BankSource, PastBanks } from './bank-source.ts';
import type { CampaignChoice } from './campaign-choice.ts';
import { type Chosen, chooseModel, standardError, type Trial } from './choose-model.ts';
import { type LearnedPurchases, learnedModel, PurchaseLearner } from './learn-next-purchase.ts';
import type { FittedMember } from './purchase-choices.ts';

/** Weight of a window relative to the next newer one. */
const windowDecay = 0.7;

/** Training state of one campaign across windows. */
interface CampaignLearner {
  plan: CampaignPlan;
  learner: PurchaseLearner;
  /** The newest window, the members fitted before it, and the scores of the popularity baselines in it. */
  newest: { side: CampaignSide; members: FittedMember[]; trained: number; lists: readonly TestedValues[] } | null;
  /** Without dates: the best model on the newest fold that is no next-purchase model, and its NDCG@5 by test case. */
  challenger: { chosen: Chosen; values: Float64Array; ease: SpecOfKind<'ease'> | undefined } | null;
  /** Warnings of data that is missing. */
  warnings: readonly string[];
}

/**
 * Chooses the models of campaigns as of a date: where holdings have dates, a next-purchase model whose weights come from what customers bought in
 * the windows before; else the best of several models on what was bought in the newest window.
 * @param hidden without dates: the fold of customers who are tested elsewhere
 */
export async function chooseAt(
  bank: BankSource,
  plans: readonly CampaignPlan[],
  date: PlainDate,
  tools: AdviceTools,
  hidden?: number,
): Promise<CampaignChoice[]> {
  const choices: CampaignChoice[] = [];
  for (const { size, seed, plans: some } of bySample(plans)) {
    const past = await bank.lookBack({ plans: some, date, size, seed, hidden });
    choices.push(...(await chooseOnSample(past, some, tools)));
  }
  return plans.map(({ name }) => choices.find(({ campaign }) => campaign === name)!);
}

/** Campaigns that look at the same sample of customers. */
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

/** Learns from the windows of a sample, the newest first. */
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
    return { plan, learner: new PurchaseLearner(pool, ranking, isDated), newest: null, challenger: null, warnings };
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
      const made = await campaignSide(pool, bank, withoutColumns(one.plan), bandWeights, known);
      const side = servedSide(orderedSide(made, levelsOf), settings);
      if (k === 0 || !isDated || side.data.acquisitions !== undefined) {
        const judged = judgedSide(side);
        if (k === 0 && !isDated) one.challenger = await challengerOf(judged);
        const ease = one.challenger?.ease;
        const members = await one.learner.add({ side, levelsOf, weight: isDated ? pow(windowDecay, k) : 1, ease });
        if (k === 0)
          one.newest = {
            side: judged,
            members,
            trained: trainingCustomers(side.data.holdings),
            lists: await baselineScores(judged),
          };
      }
      pool.memory.release(mark);
    }
    pool.memory.release(before);
  }
  return learners.map((one) => learned(one, windows[0]!, customers, settings));
}

/** Whether clusters may shift a campaign's model of all. */
function isShifted({ scheme, pooling }: CampaignPlan): boolean {
  return scheme !== null && pooling === 'partial';
}

/** Warning that clusters cannot shift a campaign's common model, as the clusters of earlier dates are unknown. */
function unshiftedText({ name, scheme }: CampaignPlan, windows: readonly EvaluationWindow[]): string {
  const one = `campaigns.${name}.by_cluster: one model serves all clusters of ${scheme}`;
  const each = 'say `pooling: none` for a model each';
  if (windows.length === 0) return `${one}, as holdings without dates do not tell how far they differ: ${each}`;
  const days = windows.map(({ at }) => at).toSorted();
  return `${one}, as nothing tells who was in which on ${days.join(', ')}: name the states of the customers table in tables.customers.history, or ${each}`;
}

/** Clusters at each window of the schemes that may shift a model of all; null where they are not known at each. */
async function pastClusters(
  past: PastBanks,
  plans: readonly CampaignPlan[],
): Promise<(plan: CampaignPlan) => readonly ClusterOfCustomers[] | null> {
  const found = new Map<string | null, readonly ClusterOfCustomers[] | null>();
  for (const { scheme } of plans.filter(isShifted)) if (!found.has(scheme)) found.set(scheme, await past.clusters(scheme!));
  return (plan) => (isShifted(plan) ? (found.get(plan.scheme) ?? null) : null);
}

/** A side without the test customers whom popular products serve, whatever the model: those who hold nothing in the columns, where the config says so. */
function servedSide(side: CampaignSide, { fallback }: BankSettings): CampaignSide {
  if (fallback !== 'popularity') return side;
  const { columns, pseudoColumns } = side.table.table;
  const products = columns.length - pseudoColumns;
  return withCases(side, ({ basket }) => basket.some(({ column }) => column < products));
}

/** A side with its test customers ordered by basket, purchases and levels: independent of their numbers. */
function orderedSide(side: CampaignSide, levelsOf: LevelsOfCustomer): CampaignSide {
  const keyed = side.cases.cases.map((one) => ({
    one,
    key: [one.basket.map(packEntry), one.targets, levelsOf(one.customer)].map((part) => part.join(' ')).join('|'),
  }));
  const cases = keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one);
  return { ...side, cases: { ...side.cases, cases } };
}

/** A side with the test customers alone whose lists are judged: those with history. */
function judgedSide(side: CampaignSide): CampaignSide {
  return withCases(side, ({ hasHistory }) => hasHistory);
}

function withCases(side: CampaignSide, isIn: (one: ModelCase) => boolean): CampaignSide {
  return { ...side, cases: { ...side.cases, cases: side.cases.cases.filter(isIn) } };
}

/** The best model that is chosen, not learned; null where the fold has too few test customers. */
async function challengerOf({ data, cases }: CampaignSide): Promise<CampaignLearner['challenger']> {
  if (cases.cases.length < minimumCustomers) return null;
  const chosen = await chooseModel(data, cases);
  const model = await fitSpec(data, chosen.spec);
  const ease = chosen.trials.map(({ spec }) => spec).find((spec) => spec.kind === 'ease');
  return { chosen, ease, values: Float64Array.from(rankCases(model, cases), (outcome) => ndcg(outcome, 5)) };
}

/** Weights learned for a campaign from all windows, and the score in the newest window of weights learned from the older ones. */
function learned(
  { plan, learner, newest, challenger, warnings: unknown }: CampaignLearner,
  window: EvaluationWindow,
  customers: number,
  config: BankSettings,
): CampaignChoice {
  const { side, members: fitted, trained, lists } = newest!;
  const tested = side.cases.cases.length;
  const about = ({ spec, ...weights }: LearnedPurchases) => {
    return { campaign: plan.name, window, customers, trained, tested, spec, learned: weights };
  };
  if (tested < minimumCustomers) {
    const [all] = learner.learn('all');
    const warning = `campaigns.${plan.name}: too few customers (${minimumCustomers} are needed) to judge the lists by (${windowText(window)}): weights lean on those of other banks`;
    return { ...about(all), trials: [], verdict: null, warnings: [...unknown, warning] };
  }
  const [all, older] = learner.learn('all', 'older');
  const { members } = learner;
  const trials = members.map(({ name, spec }, k) => ({ name, spec, values: ndcgOfCases(fitted[k]!.model, side) }));
  const blended = ndcgOfCases(learnedModel(older, side, fitted, members), side);
  // the challenger is tuned on its test customers, which favours it: it has to win by more than a standard error
  const ahead = challenger?.values.map((value, i) => value - blended[i]!);
  const challengerWins = ahead !== undefined && mean(ahead) > standardError(ahead);
  const own = challengerWins ? challenger!.values : blended;
  const { bootstrap: resamples, seed } = config.evaluate;
  const verdict = verdictOf(own, lists, { window, clustered: false, resamples, seed });
  const warnings = [...unknown, ...verdictWarnings(plan.name, verdict)];
  const scored: Trial[] = [
    ...trials.map(({ name, spec, values }) => ({ name, spec, score: mean(values) })),
    { name: 'next-purchase', spec: older.spec, score: mean(blended) },
    ...(challenger === null ? [] : challenger.chosen.trials),
  ];
  return { ...about(all), ...(challengerWins && { spec: challenger!.chosen.spec }), trials: scored, verdict, warnings };
}

/** Scores of the popularity baselines in the newest window. */
async function baselineScores(side: CampaignSide): Promise<TestedValues[]> {
  const lists: TestedValues[] = [];
  for (const { name, spec } of bestSellers(side.data.acquisitions !== undefined)) {
    lists.push({ name, values: ndcgOfCases(await fitSpec(side.data, spec), side) });
  }
  return lists;
}

function ndcgOfCases(model: Model, side: CampaignSide): Float64Array {
  return Float64Array.from(rankCases(model, side.cases), (outcome) => ndcg(outcome, 5));
}
