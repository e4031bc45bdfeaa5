import type { BasketEntry } from '../baskets/basket-table.ts';
import { AppError, bug } from '../error.ts';
import { stepAdd, stepAddLog, stepClear, stepFirst } from '../generated/layouts.ts';
import { exp, log } from '../numbers/elementary.ts';
import { type Explanation, type Model, type ModelState, memberState, type ScoreScale, scaled } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';
import { topNBySteps } from './scored-model.ts';

/** Component of a blend: a model, the scale on which its scores are added, and its weight. */
export interface BlendMember {
  model: Model;
  scale: ScoreScale;
  weight: number;
}

/**
 * Creates a weighted sum of models of the same columns.
 * The weights come from a conditional logit (`fitBlendWeights`): exp(score) over its sum is the probability of the next purchase.
 * @throws AppError config without components; bug if their columns differ
 */
export function createBlend(members: readonly BlendMember[]): Model {
  const [first] = members;
  if (first === undefined) throw new AppError('config', 'a blend of no models', 'Name at least one member.');
  const { columns, pseudoColumns } = first.model;
  if (members.some(({ model }) => model.columns.join('\n') !== columns.join('\n'))) {
    throw bug('the members of a blend have different columns');
  }
  const foldIn = (basket: readonly BasketEntry[]) => {
    const sum = new Float64Array(columns.length);
    for (const { model, scale, weight } of members) {
      const scores = model.foldIn(basket);
      if (scale === 'raw') for (let i = 0; i < sum.length; i++) sum[i]! += weight * scores[i]!;
      else for (let i = 0; i < sum.length; i++) sum[i]! += weight * scaled(scores[i]!, scale);
    }
    return sum;
  };
  const haveSteps = members.every(({ model }) => model.addSteps !== undefined && model.kind !== 'blend');
  const addSteps = (plan: ScorePlan, space: ScoreSpace) => addBlendSteps(members, plan, space);
  return {
    kind: 'blend',
    columns,
    pseudoColumns,
    topN: (request) => topNBySteps({ columns, foldIn, ...(haveSteps && { addSteps }) }, request),
    ...(haveSteps && { addSteps }),
    foldIn,
    explain: (basket, column) => explainBlend(members, basket, column, foldIn(basket)[column]!),
    state: () => blendState(members, columns, pseudoColumns),
  };
}

/** Adds a step that sums the components' lines of scores, each times its weight. */
async function addBlendSteps(members: readonly BlendMember[], plan: ScorePlan, space: ScoreSpace): Promise<ScoredLine> {
  const { padded } = space;
  const line = plan.line(space);
  for (const [k, { model, scale, weight }] of members.entries()) {
    const scored = await model.addSteps!(plan, space, scale);
    const isRough = scale === 'log' && !scored.isLog;
    if (k === 0 && isRough) plan.add({ kind: stepClear, line, padded });
    const kind = isRough ? stepAddLog : k === 0 ? stepFirst : stepAdd;
    if (isRough) plan.roughen(weight);
    plan.add({ kind, line, from: scored.line, padded, weight: plan.number(weight), part: scale === 'raw' ? scored.part : 0 });
  }
  return { line, isLog: false, part: 0 };
}

/**
 * Explains a score as the sum of the components' contributions. A component without contributions adds its whole score to the
 * baseline.
 */
function explainBlend(
  members: readonly BlendMember[],
  basket: readonly BasketEntry[],
  column: number,
  score: number,
): Explanation {
  const parts = new Map<number, number>();
  for (const { model, scale, weight } of members) {
    const why = scale === 'raw' ? model.explain(basket, column) : null;
    for (const part of why?.contributions ?? []) parts.set(part.column, (parts.get(part.column) ?? 0) + weight * part.value);
  }
  const contributions = [...parts].map(([held, value]) => ({ column: held, value }));
  const named = contributions.reduce((sum, { value }) => sum + value, 0);
  return {
    score,
    baseline: score - named,
    contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column),
  };
}

function blendState(members: readonly BlendMember[], columns: readonly string[], pseudoColumns: number): ModelState {
  const states = members.map(({ model }) => model.state());
  const parameters = members.map(({ scale, weight }, i) => ({
    scale,
    weight,
    kind: states[i]!.kind,
    parameters: states[i]!.parameters,
  }));
  const matrices = states.flatMap((state, i) => Object.entries(state.matrices).map(([name, matrix]) => [`${i}.${name}`, matrix]));
  return { kind: 'blend', columns, pseudoColumns, parameters: { members: parameters }, matrices: Object.fromEntries(matrices) };
}

/** Restores a blend from its `state()`. `memberOf` restores its components. */
export async function blendOf(state: ModelState, memberOf: (state: ModelState) => Promise<Model>): Promise<Model> {
  const members = state.parameters.members as (Pick<BlendMember, 'scale' | 'weight'> & Pick<ModelState, 'kind' | 'parameters'>)[];
  const fitted: BlendMember[] = [];
  for (const [i, { scale, weight, ...member }] of members.entries())
    fitted.push({ scale, weight, model: await memberOf(memberState(state, i, member)) });
  return createBlend(fitted);
}

/** One observed choice: the scores of the candidates by all components, and the chosen candidate. */
export interface SeenChoice {
  /** Scores, f64[candidates x components], row-major. */
  features: Float64Array;
  /** Position of the chosen candidate. */
  taken: number;
  /** How many times this choice was observed. Default 1. */
  weight?: number;
}

/** Largest number of steps of Newton's method. The problem is convex and small: about a dozen suffice. */
const newtonSteps = 50;
/** Largest change of a weight at which the fit stops. */
const settledMove = 1e-5;

/**
 * Fits the weights of a blend: a conditional logit (D. McFadden, 1974) of the choices, by maximum likelihood. Convex and
 * deterministic.
 * Newton's method with halved steps, and a small ridge on standardised features.
 * @param ridge penalty per weight, in units of one choice. Default 1.
 * @param start initial weights; good ones save steps. Default 0.
 * @returns one weight per component, on the component's own scale; 0 for a component with constant scores
 * @throws AppError bad-data without choices
 */
export function fitBlendWeights(
  choices: readonly SeenChoice[],
  members: number,
  ridge = 1,
  start: Float64Array = new Float64Array(members),
): Float64Array {
  if (choices.length === 0)
    throw new AppError('bad-data', 'no purchases from which to learn the weights of a blend', 'Use a longer window.');
  const spread = featureSpreads(choices, members);
  const standard = choices.map((choice) => ({ ...choice, features: standardisedFeatures(choice.features, spread) }));
  let weights: Float64Array = start.map((w, k) => w * spread[k]!);
  let current = penalisedLikelihood(standard, weights, ridge);
  for (let step = 0; step < newtonSteps; step++) {
    const direction = solveNewtonStep(current.curvature, current.gradient, members);
    let size = 1;
    let next = weights;
    let value = current;
    do {
      next = weights.map((w, k) => w + size * direction[k]!);
      value = penalisedLikelihood(standard, next, ridge);
      size /= 2;
    } while (value.likelihood < current.likelihood && size > 1e-6);
    if (value.likelihood < current.likelihood) break;
    const moved = next.reduce((most, w, k) => Math.max(most, Math.abs(w - weights[k]!)), 0);
    [weights, current] = [next, value];
    if (moved < settledMove) break;
  }
  return weights.map((w, k) => (spread[k]! > 0 ? w / spread[k]! : 0));
}

/**
 * `fitBlendWeights` with weights of at least 0. It fits repeatedly: while a weight is negative, it removes the component with the
 * most negative standardised weight, and fits the others again. A negative weight would make a component evidence against its own
 * recommendations. It would only fit novelties of the window, such as a launch that no component knows.
 */
export function fitPositiveBlendWeights(
  choices: readonly SeenChoice[],
  members: number,
  start: Float64Array = new Float64Array(members),
): Float64Array {
  const spread = featureSpreads(choices, members);
  let kept = [...Array(members).keys()];
  let from: Float64Array = start;
  for (;;) {
    const some = choices.map((choice) => ({ ...choice, features: pickColumns(choice.features, members, kept) }));
    const fitted = fitBlendWeights(some, kept.length, 1, from);
    const worst = kept.reduce((low, k, at) => (fitted[at]! * spread[k]! < fitted[low]! * spread[kept[low]!]! ? at : low), 0);
    if (fitted[worst]! >= 0 || kept.length === 1) {
      const weights = new Float64Array(members);
      for (const [at, k] of kept.entries()) weights[k] = Math.max(0, fitted[at]!);
      return weights;
    }
    kept = kept.filter((_, at) => at !== worst);
    from = fitted.filter((_, at) => at !== worst);
  }
}

/** The chosen columns of a row-major matrix of features. */
function pickColumns(features: Float64Array, members: number, kept: readonly number[]): Float64Array {
  const values = new Float64Array((features.length / members) * kept.length);
  for (let at = 0; at < values.length; at++) {
    values[at] = features[Math.floor(at / kept.length) * members + kept[at % kept.length]!]!;
  }
  return values;
}

/** Features divided by their spread. A constant feature becomes 0. */
function standardisedFeatures(features: Float64Array, spread: Float64Array): Float64Array {
  return features.map((value, at) => {
    const width = spread[at % spread.length]!;
    return width > 0 ? value / width : 0;
  });
}

/** Root mean square of each feature about its mean within a choice. */
function featureSpreads(choices: readonly SeenChoice[], members: number): Float64Array {
  const sum = new Float64Array(members);
  let count = 0;
  for (const { features } of choices) {
    const candidates = features.length / members;
    count += candidates;
    for (let k = 0; k < members; k++) {
      let mean = 0;
      for (let c = 0; c < candidates; c++) mean += features[c * members + k]! / candidates;
      for (let c = 0; c < candidates; c++) sum[k]! += (features[c * members + k]! - mean) ** 2;
    }
  }
  return sum.map((s) => Math.sqrt(s / count));
}

/** Penalised log-likelihood over standardised features, its gradient and its negated second derivatives. */
function penalisedLikelihood(choices: readonly SeenChoice[], weights: Float64Array, ridge: number) {
  const members = weights.length;
  const gradient = weights.map((w) => -ridge * w);
  const curvature = new Float64Array(members * members);
  for (let k = 0; k < members; k++) curvature[k * members + k] = ridge;
  let likelihood = weights.reduce((sum, w) => sum - (ridge * w * w) / 2, 0);
  const mean = new Float64Array(members);
  for (const { features, taken, weight = 1 } of choices) {
    const probability = softmax(features, weights);
    likelihood += weight * log(probability[taken]!);
    mean.fill(0);
    for (let c = 0, at = 0; c < probability.length; c++, at += members) {
      const p = probability[c]!;
      for (let k = 0; k < members; k++) mean[k]! += p * features[at + k]!;
    }
    for (let k = 0; k < members; k++) gradient[k]! += weight * (features[taken * members + k]! - mean[k]!);
    for (let c = 0, at = 0; c < probability.length; c++, at += members) {
      const p = weight * probability[c]!;
      for (let k = 0; k < members; k++) {
        const a = p * (features[at + k]! - mean[k]!);
        for (let l = 0; l <= k; l++) curvature[k * members + l]! += a * (features[at + l]! - mean[l]!);
      }
    }
  }
  return { likelihood, gradient, curvature };
}

function softmax(features: Float64Array, weights: Float64Array): Float64Array {
  const members = weights.length;
  const score = new Float64Array(features.length / members);
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0, at = 0; c < score.length; c++) {
    let sum = 0;
    for (let k = 0; k < members; k++) sum += weights[k]! * features[at++]!;
    score[c] = sum;
    if (sum > most) most = sum;
  }
  let sum = 0;
  for (let c = 0; c < score.length; c++) {
    score[c] = exp(score[c]! - most);
    sum += score[c]!;
  }
  for (let c = 0; c < score.length; c++) score[c]! /= sum;
  return score;
}

/** Solves A x = b by Cholesky, for a small positive definite A. Its lower triangle is given. */
function solveNewtonStep(lower: Float64Array, right: Float64Array, n: number): Float64Array {
  const l = lower.slice();
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}
