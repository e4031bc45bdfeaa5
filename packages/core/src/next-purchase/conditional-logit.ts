import { AppError } from '../error.ts';
import { exp, log } from '../numbers/elementary.ts';
import { minimise, type Objective } from './minimise.ts';

/** Products that holders of one basket could have chosen, and what the members say of each. */
export interface ChoiceSet {
  /** Product of each candidate, 0 .. products - 1. */
  products: Uint32Array;
  /** f64[candidates x members], row-major. */
  scores: Float64Array;
}

/** The choices of customers with one basket and one class of features. */
export interface ChoiceCell {
  /** Position of its choice set. */
  set: number;
  /** Levels of the customers, one of each feature, counted over all features; none: no features are known. */
  levels: readonly number[];
  /** f64[candidates]: how often each was chosen, in weighted customers. */
  taken: Float64Array;
}

/** A feature's levels, by number over all features: `first` .. `first + shares.length - 1`. */
export interface LevelRange {
  first: number;
  /** Share of the customers who have each level: effects are centred by them. */
  shares: readonly number[];
  /** Ridge on its effects; default that of the options. Infinity leaves the feature out. */
  ridge?: number;
}

/** Choices to learn from. */
export interface ChoiceProblem {
  sets: readonly ChoiceSet[];
  cells: readonly ChoiceCell[];
  members: number;
  /** Products that effects of features are told apart by. */
  products: number;
  features: readonly LevelRange[];
}

/** How strongly a fit leans. */
export interface LogitOptions {
  /** Weight of each member, on its standardised scale, towards which the fit leans; 0 without it. */
  prior?: Float64Array;
  /** Choices that the prior is worth. Default 10. */
  priorChoices?: number;
  /** Ridge on the effects of features that have none of their own: 1 to 1000; Infinity leaves them out. Default Infinity. */
  ridge?: number;
  /** The fit ends where a step raises the log-likelihood by less than this share of it. Default 1e-9. */
  tolerance?: number;
}

/** A fitted conditional logit. */
export interface LogitFit {
  /** Weight of each member on its own scale, at least 0; 0 for a member whose scores never differ. */
  weights: Float64Array;
  /** The same on the standardised scale, on which members can be compared. */
  standardised: Float64Array;
  /** f64[levels x products], centred: over the customers the effects of a feature on a product sum to 0. */
  effects: Float64Array;
  /** Sum of log-probabilities of the choices, without the penalties. */
  logLikelihood: number;
  iterations: number;
}

/**
 * Fits a conditional logit (D. McFadden, Conditional logit analysis of qualitative choice behavior, 1974):
 *   P(i is chosen) = exp(u_i) / sum over candidates c of exp(u_c)
 *   u_i = sum over members m of weight_m score_m(i) + sum over features f of effect_f(level of the customer, i)
 * by maximum likelihood with weights of at least 0 (a member is never evidence against what it recommends), a ridge of `priorChoices` on
 * the distance of the standardised weights from the prior, and a ridge on the effects. Convex; sums run over cells in their order.
 * Without any choice the weights are the prior's, for the spread of scores in the sets.
 * @throws AppError bad-data without choice sets
 */
export function fitConditionalLogit(problem: ChoiceProblem, options: LogitOptions = {}): LogitFit {
  const { members, products, features } = problem;
  const { ridge = Number.POSITIVE_INFINITY, priorChoices = 10, prior = new Float64Array(members), tolerance = 1e-9 } = options;
  if (problem.sets.length === 0) {
    throw new AppError('bad-data', 'no customer to learn from', 'Use longer or more windows.');
  }
  const spread = spreads(problem);
  const ridged = features.map((feature) => ({ ridge, ...feature })).filter((feature) => Number.isFinite(feature.ridge));
  const levels = ridged.length > 0 ? features.reduce((sum, { shares }) => sum + shares.length, 0) : 0;
  const start = new Float64Array(members + levels * products);
  start.set(prior);
  const leaning = { prior, priorChoices };
  const objective = objectiveOf({ ...problem, features: ridged }, spread, levels, leaning);
  const { x, iterations } = minimise(objective, start, { nonNegative: members, tolerance });
  const standardised = x.slice(0, members);
  const fit = {
    weights: standardised.map((weight, k) => (spread[k]! > 0 ? weight / spread[k]! : 0)),
    standardised,
    effects: centred(x.subarray(members), ridged, products),
  };
  return { ...fit, logLikelihood: logLikelihood(problem, fit), iterations };
}

/** Sum over the choices of the logarithm of their probability under a fit: of the choices it was fitted on, or of others. */
export function logLikelihood(problem: ChoiceProblem, { weights, effects }: Pick<LogitFit, 'weights' | 'effects'>): number {
  let sum = 0;
  for (const cell of problem.cells) {
    const share = probabilities(problem, cell, weights, effects);
    for (const [c, count] of cell.taken.entries()) if (count > 0) sum += count * log(share[c]!);
  }
  return sum;
}

/** The probability of each candidate of a cell: f64[candidates]. */
function probabilities(
  { sets, members, products }: ChoiceProblem,
  { set, levels }: ChoiceCell,
  weights: Float64Array,
  effects: Float64Array,
): Float64Array {
  const { products: candidates, scores } = sets[set]!;
  const utility = new Float64Array(candidates.length);
  for (let c = 0, at = 0; c < utility.length; c++) {
    let sum = 0;
    for (let k = 0; k < members; k++) sum += weights[k]! * scores[at++]!;
    if (effects.length > 0) for (const level of levels) sum += effects[level * products + candidates[c]!]!;
    utility[c] = sum;
  }
  return softmax(utility);
}

/** Turns utilities into probabilities, in place. */
function softmax(utility: Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const u of utility) if (u > most) most = u;
  let sum = 0;
  for (let c = 0; c < utility.length; c++) {
    utility[c] = exp(utility[c]! - most);
    sum += utility[c]!;
  }
  for (let c = 0; c < utility.length; c++) utility[c]! /= sum;
  return utility;
}

/** A member whose scores differ by no more than this share of their size says nothing: they are sums in f32. */
const rounding = 1e-5;

/** Root mean square of each member's scores about their mean over the candidates of a choice; 0 where that is no more than rounding. */
function spreads({ sets, cells, members }: ChoiceProblem): Float64Array {
  const chosen = new Float64Array(sets.length);
  for (const { set, taken } of cells) chosen[set]! += taken.reduce((sum, count) => sum + count, 0);
  if (chosen.every((count) => count === 0)) chosen.fill(1);
  const squares = new Float64Array(members);
  const sizes = new Float64Array(members);
  const mean = new Float64Array(members);
  let total = 0;
  for (const [s, { products, scores }] of sets.entries()) {
    if (chosen[s] === 0 || products.length === 0) continue;
    total += chosen[s]!;
    mean.fill(0);
    for (let at = 0; at < scores.length; at++) mean[at % members]! += scores[at]! / products.length;
    const each = chosen[s]! / products.length;
    for (let at = 0; at < scores.length; at++) {
      squares[at % members]! += each * (scores[at]! - mean[at % members]!) ** 2;
      sizes[at % members]! += each * scores[at]! ** 2;
    }
  }
  return squares.map((sum, k) => (sum > rounding ** 2 * sizes[k]! ? Math.sqrt(sum / total) : 0));
}

/** Effects less their mean over the customers, feature by feature: f64[levels x products]. */
function centred(raw: Float64Array, features: readonly LevelRange[], products: number): Float64Array {
  const effects = raw.slice();
  if (raw.length === 0) return effects;
  for (const { first, shares } of features) {
    for (let product = 0; product < products; product++) {
      let mean = 0;
      for (const [l, share] of shares.entries()) mean += share * raw[(first + l) * products + product]!;
      for (const l of shares.keys()) effects[(first + l) * products + product]! -= mean;
    }
  }
  return effects;
}

/** The penalised negative log-likelihood of (standardised weights, effects before centring), and its gradient. */
function objectiveOf(
  problem: ChoiceProblem & { features: readonly Required<LevelRange>[] },
  spread: Float64Array,
  levels: number,
  { prior, priorChoices }: Required<Pick<LogitOptions, 'prior' | 'priorChoices'>>,
): Objective {
  const { sets, cells, members, products, features } = problem;
  return (x, gradient) => {
    const weights = new Float64Array(members);
    let value = 0;
    for (let k = 0; k < members; k++) {
      weights[k] = spread[k]! > 0 ? x[k]! / spread[k]! : 0;
      const away = x[k]! - prior[k]!;
      value += (priorChoices / 2) * away * away;
      gradient[k] = priorChoices * away;
    }
    const raw = x.subarray(members);
    gradient.fill(0, members);
    for (const { first, shares, ridge } of features) {
      for (let i = first * products; i < (first + shares.length) * products; i++) {
        value += (ridge / 2) * raw[i]! * raw[i]!;
        gradient[members + i] = ridge * raw[i]!;
      }
    }
    const effects = centred(raw, features, products);
    const ofLevels = new Float64Array(raw.length);
    const ofAll = new Float64Array(levels > 0 ? products : 0);
    const ofMembers = new Float64Array(members);
    for (const cell of cells) {
      const share = probabilities(problem, cell, weights, effects);
      const { products: candidates, scores } = sets[cell.set]!;
      let total = 0;
      for (const count of cell.taken) total += count;
      for (let c = 0, at = 0; c < share.length; c++, at += members) {
        const count = cell.taken[c]!;
        if (count > 0) value -= count * log(share[c]!);
        const residual = total * share[c]! - count;
        for (let k = 0; k < members; k++) ofMembers[k]! += residual * scores[at + k]!;
        if (levels === 0) continue;
        const product = candidates[c]!;
        ofAll[product]! += residual;
        for (const level of cell.levels) ofLevels[level * products + product]! += residual;
      }
    }
    for (let k = 0; k < members; k++) if (spread[k]! > 0) gradient[k]! += ofMembers[k]! / spread[k]!;
    if (levels > 0) addEffects(gradient.subarray(members), ofLevels, ofAll, features, products);
    return value;
  };
}

/** Adds the gradient of the centred effects, seen from before centring: each level loses its share of what all customers feel. */
function addEffects(
  gradient: Float64Array,
  ofLevels: Float64Array,
  ofAll: Float64Array,
  features: readonly LevelRange[],
  products: number,
): void {
  for (const { first, shares } of features) {
    for (const [l, share] of shares.entries()) {
      const line = (first + l) * products;
      for (let product = 0; product < products; product++) {
        gradient[line + product]! += ofLevels[line + product]! - share * ofAll[product]!;
      }
    }
  }
}
