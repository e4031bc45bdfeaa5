import { AppError } from '../error.ts';
import { choiceCounts, countsOf, type LevelChoices } from './choice-counts.ts';
import type { ChoiceProblem, LevelRange } from './choice-problem.ts';
import { minimise, type Objective } from './minimise.ts';

/** How strongly a fit leans. */
export interface LogitOptions {
  /** Weight of each member, on its standardised scale, towards which the fit leans; 0 without it. */
  prior?: Float64Array;
  /** Choices that the prior is worth. Default 10. */
  priorChoices?: number;
  /** Ridge on the effects of features that have none of their own: 1 to 1000; Infinity leaves them out. Default Infinity. */
  ridge?: number;
  /** A fit of the same members and features to start from; default: the prior, without effects. */
  start?: Pick<LogitFit, 'standardised' | 'effects'> | undefined;
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
  start.set(options.start?.standardised ?? prior);
  if (levels > 0 && options.start) start.set(options.start.effects, members);
  const choices = choicesOf(problem, ridged);
  const objective = objectiveOf(choices, ridged, spread, { prior, priorChoices });
  const curvature = curvatureOf(choices, ridged, weightsOf(start, spread), start.length, priorChoices);
  const { x, iterations } = minimise(objective, start, { nonNegative: members, tolerance, curvature });
  const standardised = x.slice(0, members);
  const fit = {
    weights: weightsOf(standardised, spread),
    standardised,
    effects: centred(x.subarray(members), ridged, products),
  };
  return { ...fit, logLikelihood: logLikelihood(problem, fit), iterations };
}

/** Weights on the members' own scales of those on the standardised one. */
function weightsOf(standardised: Float64Array, spread: Float64Array): Float64Array {
  return spread.map((size, k) => (size > 0 ? standardised[k]! / size : 0));
}

/** Sum over the choices of the logarithm of their probability under a fit: of the choices it was fitted on, or of others. */
export function logLikelihood(problem: ChoiceProblem, { weights, effects }: Pick<LogitFit, 'weights' | 'effects'>): number {
  return countsOf(choiceCounts(problem, effects.length > 0 ? () => true : () => false), weights, effects).logLikelihood;
}

/** The choices of a problem, told apart by the features with a ridge. */
function choicesOf(problem: ChoiceProblem, ridged: readonly LevelRange[]): LevelChoices {
  return choiceCounts(problem, (level) => ridged.some(({ first, shares }) => level >= first && level < first + shares.length));
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
  choices: LevelChoices,
  features: readonly Required<LevelRange>[],
  spread: Float64Array,
  { prior, priorChoices }: Required<Pick<LogitOptions, 'prior' | 'priorChoices'>>,
): Objective {
  const { members, products } = choices;
  return (x, gradient) => {
    let value = 0;
    for (let k = 0; k < members; k++) {
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
    const found = countsOf(choices, weightsOf(x, spread), centred(raw, features, products));
    for (let k = 0; k < members; k++) if (spread[k]! > 0) gradient[k]! += found.ofMembers[k]! / spread[k]!;
    if (raw.length > 0) {
      const ofLevels = found.expected.map((expected, i) => expected - choices.taken[i]!);
      const ofAll = found.expectedOfAll.map((expected, product) => expected - choices.takenOfAll[product]!);
      addEffects(gradient.subarray(members), ofLevels, ofAll, features, products);
    }
    return value - found.logLikelihood;
  };
}

/**
 * About the second derivatives of the objective along each variable: of standardised weights as many as there are choices, of effects as many as are
 * expected of the level and the product, and what both lean with.
 */
function curvatureOf(
  choices: LevelChoices,
  features: readonly Required<LevelRange>[],
  weights: Float64Array,
  variables: number,
  priorChoices: number,
): Float64Array {
  const { members, products } = choices;
  const curvature = new Float64Array(variables).fill(1);
  const all = choices.takenOfAll.reduce((sum, count) => sum + count, 0);
  curvature.fill(Math.max(1, all + priorChoices), 0, members);
  if (variables === members) return curvature;
  const { expected } = countsOf(choices, weights, new Float64Array(variables - members));
  for (const { first, shares, ridge } of features) {
    for (let i = first * products; i < (first + shares.length) * products; i++) curvature[members + i] = ridge + expected[i]!;
  }
  return curvature;
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
