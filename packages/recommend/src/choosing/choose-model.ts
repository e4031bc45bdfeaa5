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
} from '@basketwise/core';
import { type CaseSet, candidatesOf, forEachScored, type ModelCase, rankCases } from '../evaluation/case-outcomes.ts';
import { hash } from '../evaluation/hash.ts';
import { ndcg, type TargetRanks } from '../evaluation/metrics.ts';

/** Model that was tried, with its result on the test cases. */
export interface Trial {
  name: string;
  spec: ModelSpec;
  /** Mean NDCG@5 over the test cases. */
  score: number;
}

/** Chosen model, with the best trial of each candidate as evidence. */
export interface Chosen extends Trial {
  trials: readonly Trial[];
}

/** Metric by which trials are compared. */
const ndcgOfFive = (outcome: TargetRanks): number => ndcg(outcome, 5);

/** Grid of ridges for EASE. */
const ridges = [1, 3, 10, 30, 100, 300, 1000, 3000];
/** Grid of prior weights for exact lookup over EASE. */
const priors = [3, 10, 30, 100, 300];

/** Number of folds of customers for the cross-fitting of the blend. */
const parts = 5;

interface Tuned extends Trial {
  model: Model;
  /** NDCG@5 of each test case. */
  values: Float64Array;
}

/** Best specification of a grid by mean NDCG@5 on the test cases. Among equals, the earliest wins. @param grid at least one specification */
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
 * Chooses between a blend and the best single model. Single models are popularity, EASE with the constant, and exact lookup over EASE, each tuned on
 * the test cases. The blend is their conditional logit. Cross-fitting scores it: each fold's customers are scored with weights fitted to the other
 * folds, so that the score is not optimistic. The blend is chosen unless the best single model leads by more than one standard error. The reason: the
 * maximum of several noisy scores is biased upwards, and a blend averages the models.
 * @param cases test cases, at least one
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

/** Standard error of the mean of some values. */
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
    const ranks = rankCases(model, { ...cases, cases: cases.cases.filter((_, i) => isIn[i]) });
    let next = 0;
    for (const [i, inPart] of isIn.entries()) if (inPart) values[i] = ndcgOfFive(ranks[next++]!);
  }
  const specs = members
    .map(({ spec }, k): BlendMemberSpec<ModelSpec> => ({ model: spec, scale: scaleOf(spec), weight: weights[k]! }))
    .filter(({ weight }, k) => weight > 0 || k === 0);
  return { name: 'blend', spec: { kind: 'blend', members: specs }, score: mean(values), values };
}

/** Scores of the components for each distinct basket of the test cases. */
interface BlendFeatures {
  /** For each case, the index of its basket in `baskets`, u32[cases]. */
  basketOf: Uint32Array;
  /** For each distinct basket: candidate columns, and the components' scaled scores, f64[columns x components], row-major. */
  baskets: { columns: number[]; values: Float64Array }[];
}

function blendFeatures(members: readonly Tuned[], set: CaseSet): BlendFeatures {
  const first = new Map<string, number>();
  const distinct: ModelCase[] = [];
  const basketOf = Uint32Array.from(set.cases, (testCase) => {
    const key = testCase.basket.map(packEntry).join(' ');
    const index = first.get(key) ?? distinct.push(testCase) - 1;
    first.set(key, index);
    return index;
  });
  const baskets = distinct.map((testCase) => {
    const candidate = candidatesOf(set, testCase);
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

/** Fits the weights of the components to the choices of some cases. A choice is a target against all other candidates of the customer. */
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
