import {
  type BlendMemberSpec,
  createBlend,
  fitPositiveBlendWeights,
  fitSpec,
  type LearningData,
  type Model,
  type ModelSpec,
  mean,
  packEntry,
  type SeenChoice,
  scaled,
  scaleOf,
} from '@basketwise/core/parts';
import { type CaseSet, candidatesOf, forEachScored, type ModelCase, rankCases } from '../evaluation/case-outcomes.ts';
import { hash } from '../evaluation/hash.ts';
import { ndcg, type TargetRanks } from '../evaluation/metrics.ts';

/** Model tried, and its result on the inner split. */
export interface Trial {
  name: string;
  spec: ModelSpec;
  /** Mean of the metric over the inner split's customers. */
  score: number;
}

/** Chosen model, and the best of each candidate as evidence. */
export interface Chosen extends Trial {
  trials: readonly Trial[];
}

/** Metric by which trials are compared. */
const ndcgOfFive = (outcome: TargetRanks): number => ndcg(outcome, 5);

/** Ridges of EASE to try. */
const ridges = [1, 3, 10, 30, 100, 300, 1000, 3000];
/** Prior weights of exact lookup over EASE to try. */
const priors = [3, 10, 30, 100, 300];

/** Folds of customers for the cross-fitting of the blend. */
const parts = 5;

interface Tuned extends Trial {
  model: Model;
  /** Metric of each customer of the inner split. */
  values: Float64Array;
}

/** Best spec of a grid on the inner split. Ties: the earlier one. @param grid at least one spec */
async function tuned(data: LearningData, cases: CaseSet, name: string, grid: readonly ModelSpec[]): Promise<Tuned> {
  let best: Tuned | undefined;
  const inner = new Map<ModelSpec, Model>();
  for (const spec of grid) {
    const model = await fitSpec(data, spec, {}, inner);
    const values = Float64Array.from(rankCases(model, cases), ndcgOfFive);
    const score = mean(values);
    if (best === undefined || score > best.score) best = { name, spec, score, model, values };
  }
  return best!;
}

/**
 * Chooses between a blend and the best single model, using only the inner split. It tunes popularity, EASE with the constant, and
 * exact lookup over EASE.
 * It blends these by a conditional logit. The blend is judged by cross-fitting: its weights come from other customers than its
 * score, which is therefore not optimistic.
 * Within one standard error of the best single model the blend is preferred.
 * It averages several models, and the maximum of many noisy scores is biased upwards.
 * @param cases of one customer or more
 */
export async function chooseModel(data: LearningData, cases: CaseSet): Promise<Chosen> {
  const popular = await tuned(data, cases, 'popularity', [{ kind: 'popularity', of: 'holders' }]);
  const eases = ridges.map((regularization): ModelSpec => ({ kind: 'ease', regularization, constant: 1, context: 0 }));
  const ease = await tuned(data, cases, 'ease + constant', eases);
  const lookups = priors.map((prior): ModelSpec => ({ kind: 'lookup', prior, base: ease.spec }));
  const members = [popular, ease, await tuned(data, cases, 'ease + lookup', lookups)];
  const { values, ...blend } = tuneBlend(members, cases);
  const trials: Trial[] = [...members.map(({ name, spec, score }) => ({ name, spec, score })), blend];
  const single = members.reduce((a, b) => (b.score > a.score ? b : a));
  const gap = values.map((value, i) => value - single.values[i]!);
  const best = mean(gap) >= -standardError(gap) ? blend : { name: single.name, spec: single.spec, score: single.score };
  return { ...best, trials };
}

/** Standard error of the mean. */
export function standardError(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0)) / values.length;
}

function tuneBlend(members: readonly Tuned[], cases: CaseSet): Trial & { values: Float64Array } {
  const values = new Float64Array(cases.cases.length);
  const features = blendFeatures(members, cases);
  const weights = blendWeights(features, cases, () => true, new Float64Array(members.length));
  for (let part = 0; part < parts; part++) {
    const isIn = cases.cases.map(({ customer }) => hash(customer, 404) % parts === part);
    const others = blendWeights(features, cases, (i) => !isIn[i], weights);
    const model = createBlend(
      members.map((member, k) => ({ model: member.model, scale: scaleOf(member.spec), weight: others[k]! })),
    );
    const found = rankCases(model, { ...cases, cases: cases.cases.filter((_, i) => isIn[i]) });
    let next = 0;
    for (const [i, inPart] of isIn.entries()) if (inPart) values[i] = ndcgOfFive(found[next++]!);
  }
  const specs = members
    .map(({ spec }, k): BlendMemberSpec<ModelSpec> => ({ model: spec, scale: scaleOf(spec), weight: weights[k]! }))
    .filter(({ weight }, k) => weight > 0 || k === 0);
  return { name: 'blend', spec: { kind: 'blend', members: specs }, score: mean(values), values };
}

/** Scores of the components for each distinct basket of the cases. */
interface BlendFeatures {
  /** Distinct basket of each case. */
  basketOf: Uint32Array;
  /** For each distinct basket: candidate columns, and the components' scores of them, row-major. */
  baskets: { columns: number[]; values: Float64Array }[];
}

function blendFeatures(members: readonly Tuned[], set: CaseSet): BlendFeatures {
  const first = new Map<string, number>();
  const distinct: ModelCase[] = [];
  const basketOf = Uint32Array.from(set.cases, (known) => {
    const key = known.basket.map(packEntry).join(' ');
    const found = first.get(key) ?? distinct.push(known) - 1;
    first.set(key, found);
    return found;
  });
  const baskets = distinct.map((known) => {
    const candidate = candidatesOf(set, known);
    const columns = Array.from(candidate.keys()).filter((column) => candidate[column] === 1);
    return { columns, values: new Float64Array(columns.length * members.length) };
  });
  for (const [k, { model, spec }] of members.entries()) {
    forEachScored(model, distinct, (scores, at) => {
      const { columns, values } = baskets[at]!;
      for (const [c, column] of columns.entries()) values[c * members.length + k] = scaled(scores[column]!, scaleOf(spec));
    });
  }
  return { basketOf, baskets };
}

/** Weights from the choices of some cases: each target against all other candidates of the customer. */
function blendWeights(
  { basketOf, baskets }: BlendFeatures,
  { cases }: CaseSet,
  isIn: (at: number) => boolean,
  start: Float64Array,
): Float64Array {
  const counts = new Map<string, SeenChoice & { weight: number }>();
  for (const [at, { targets }] of cases.entries()) {
    if (!isIn(at)) continue;
    const { columns, values } = baskets[basketOf[at]!]!;
    for (const target of targets) {
      const taken = columns.indexOf(target);
      if (taken < 0) continue;
      const key = `${basketOf[at]} ${target}`;
      const choice = counts.get(key) ?? { features: values, taken, weight: 0 };
      choice.weight++;
      counts.set(key, choice);
    }
  }
  if (counts.size === 0) return new Float64Array(start.length).fill(1);
  return fitPositiveBlendWeights([...counts.values()], start.length, start);
}
