import { AppError } from '../error.ts';
import { choiceCounts, curvatureOf, expectedCounts, type LevelChoices, logLikelihoodOf } from './choice-counts.ts';
import type { ChoiceProblem, ChoiceStore, LevelRange } from './choice-store.ts';
import { scoreSpreads } from './member-level.ts';
import { minimise, type Objective } from './minimise.ts';

/** Prior and regularization of a fit. */
export interface LogitOptions {
  /** Prior weight of each component, on its standardised scale. Absent: 0. */
  prior?: Float64Array;
  /** Strength of the prior, as a number of choices. Default 10. */
  priorChoices?: number;
  /** Ridge on the effects of each feature, usually 1 to 1000. Infinity excludes the feature. Default: all features are excluded. */
  ridges?: readonly number[];
  /** Fit of the same components and features to start from. Default: the prior, without effects. */
  start?: Pick<LogitFit, 'standardised' | 'effects'> | undefined;
  /** The fit stops after an iteration that lowers the objective by at most this share of it. Default 1e-9. */
  tolerance?: number;
}

/** Fitted conditional logit. */
export interface LogitFit {
  /** Weight of each component's unscaled scores, at least 0. 0 for a component with constant scores. */
  weights: Float64Array;
  /** Weights on the standardised scale, for scores divided by their `spread`. Components are comparable on this scale. */
  standardised: Float64Array;
  /** Effect of each feature level on each product, f64[levels x products]. Over all customers, a feature's effects sum to 0. */
  effects: Float64Array;
  iterations: number;
}

/** Feature that is part of the fit. */
type RidgedRange = LevelRange & { ridge: number };

/** Choices of a problem in kernel memory, for several fits. They are valid until the memory of their store is released. */
export class LogitChoices {
  readonly problem: ChoiceProblem;
  readonly #store: ChoiceStore;
  readonly #counted = new Map<string, LevelChoices>();
  #spread: Float64Array | undefined;
  #bent: Float64Array | undefined;

  /** @param spread scale of each component (see the property `spread`). Default: computed from the choices */
  constructor(store: ChoiceStore, problem: ChoiceProblem, spread?: Float64Array) {
    this.#store = store;
    this.problem = problem;
    this.#spread = spread;
  }

  /**
   * Scale of each component, f64[components]: root mean square of its scores about their mean over the candidates of a choice.
   * 0 if the scores differ by no more than rounding errors.
   */
  get spread(): Float64Array {
    this.#spread ??= scoreSpreads(this.problem);
    return this.#spread;
  }

  /**
   * Approximate Hessian of the objective in the standardised weights, f64[components x components]. It is computed once, at the
   * weights of the first call.
   * @param ridge second derivative of the prior, added to the diagonal
   */
  curvature(levelChoices: LevelChoices, weights: Float64Array, ridge: number): Float64Array {
    this.#bent ??= standardisedHessian(curvatureOf(levelChoices, weights), this.spread);
    const size = this.problem.members;
    const bent = this.#bent.slice();
    for (let k = 0; k < size; k++) bent[k * size + k]! += ridge;
    return bent;
  }

  /** Whether there are no choices. */
  get isEmpty(): boolean {
    return this.problem.windows.every(({ cells }) => cells.every(({ taken }) => taken.every((count) => count === 0)));
  }

  /** Choices of the customers of one tier. The scales of the components come from all choices. */
  ofTier(tier: number): LogitChoices {
    const windows = this.problem.windows.map(({ sets, cells }) => ({
      ...{ sets, cells: cells.filter(({ set }) => (sets[set]!.tier ?? 0) === tier) },
    }));
    return new LogitChoices(this.#store, { ...this.problem, windows }, this.spread);
  }

  /** Choices, counted separately by the levels of the given features. */
  by(features: readonly LevelRange[]): LevelChoices {
    const key = features.map(({ first }) => first).join(' ');
    const isDistinct = (level: number) => features.some(({ first, shares }) => level >= first && level < first + shares.length);
    const counts = this.#counted.get(key) ?? choiceCounts(this.#store, this.problem, isDistinct);
    this.#counted.set(key, counts);
    return counts;
  }

  /** Log-likelihood of these choices under a fit, which may come from other choices. */
  logLikelihood({ weights, effects }: Pick<LogitFit, 'weights' | 'effects'>): number {
    return logLikelihoodOf(this.by(effects.length > 0 ? this.problem.features : []), weights, effects);
  }
}

/**
 * Fits a conditional logit (D. McFadden, Conditional logit analysis of qualitative choice behavior, 1974) by maximum likelihood:
 *   P(i is chosen) = exp(u_i) / sum over candidates c of exp(u_c)
 *   u_i = sum over components m of weight_m score_m(i) + sum over features f of effect_f(level of the customer, i)
 * Weights are at least 0, so that a high score of a component never lowers the probability of a product.
 * A ridge of `priorChoices` penalizes the distance of the standardised weights from the prior. `ridges` penalize the effects.
 * The problem is convex. Equal input gives equal bits, because sums run over cells in their order.
 * Without choices the standardised weights are the prior.
 * @throws AppError bad-data without choice sets
 */
export function fitConditionalLogit(choices: LogitChoices, options: LogitOptions = {}): LogitFit {
  const { members, products, features, windows } = choices.problem;
  const { priorChoices = 10, prior = new Float64Array(members), tolerance = 1e-9 } = options;
  if (windows.every(({ sets }) => sets.length === 0)) {
    throw new AppError('bad-data', 'no customer to learn from', 'Use longer or more windows.');
  }
  const { spread } = choices;
  const all = features.map((feature, f): RidgedRange => ({ ...feature, ridge: options.ridges?.[f] ?? Number.POSITIVE_INFINITY }));
  const ridged = all.filter(({ ridge }) => Number.isFinite(ridge));
  const levels = ridged.length > 0 ? features.reduce((sum, { shares }) => sum + shares.length, 0) : 0;
  const start = new Float64Array(members + levels * products);
  start.set(options.start?.standardised ?? prior);
  if (levels > 0 && options.start) start.set(options.start.effects, members);
  const levelChoices = choices.by(ridged);
  const objective = objectiveOf(levelChoices, ridged, spread, { prior, priorChoices });
  const weights = weightsOf(start, spread);
  const curvature = {
    among: choices.curvature(levelChoices, weights, priorChoices),
    along: alongEffects(levelChoices, ridged, weights, start.length - members),
  };
  const { x, iterations } = minimise(objective, start, { nonNegative: members, tolerance, curvature });
  const standardised = x.slice(0, members);
  const effects = centred(x.subarray(members), ridged, products);
  return { weights: weightsOf(standardised, spread), standardised, effects, iterations };
}

/** Converts standardised weights to weights of the components' unscaled scores. */
export function weightsOf(standardised: Float64Array, spread: Float64Array): Float64Array {
  return spread.map((size, k) => (size > 0 ? standardised[k]! / size : 0));
}

/** Subtracts from the effects of each feature their mean over the customers: f64[levels x products]. */
function centred(raw: Float64Array, features: readonly LevelRange[], products: number): Float64Array {
  const effects = new Float64Array(raw.length);
  centre(raw, features, products, effects);
  return effects;
}

/** Same as `centred`, but writes the result to `effects`. */
function centre(raw: Float64Array, features: readonly LevelRange[], products: number, effects: Float64Array): void {
  effects.set(raw);
  for (const { first, shares } of features) {
    for (let product = 0; product < products; product++) {
      let mean = 0;
      for (let l = 0; l < shares.length; l++) mean += shares[l]! * raw[(first + l) * products + product]!;
      for (let l = 0; l < shares.length; l++) effects[(first + l) * products + product]! -= mean;
    }
  }
}

/** Penalised negative log-likelihood and its gradient, as a function of standardised weights and effects before centring. */
function objectiveOf(
  choices: LevelChoices,
  features: readonly RidgedRange[],
  spread: Float64Array,
  { prior, priorChoices }: Required<Pick<LogitOptions, 'prior' | 'priorChoices'>>,
): Objective {
  const { members, products } = choices;
  const effects = new Float64Array(choices.taken.length);
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
    centre(raw, features, products, effects);
    const expectation = expectedCounts(choices, weightsOf(x, spread), effects);
    for (let k = 0; k < members; k++) if (spread[k]! > 0) gradient[k]! += expectation.ofMembers[k]! / spread[k]!;
    if (raw.length > 0) {
      subtract(expectation.expected, choices.taken);
      subtract(expectation.expectedOfAll, choices.takenOfAll);
      addEffects(gradient.subarray(members), expectation.expected, expectation.expectedOfAll, features, products);
    }
    return value - expectation.logLikelihood;
  };
}

function subtract(from: Float64Array, values: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i]! -= values[i]!;
}

/** Approximate second derivative in each effect: the expected number of choices of its level and product, plus the ridge. */
function alongEffects(
  levelChoices: LevelChoices,
  features: readonly RidgedRange[],
  weights: Float64Array,
  effects: number,
): Float64Array {
  const along = new Float64Array(effects).fill(1);
  if (effects === 0) return along;
  const { products } = levelChoices;
  const { expected } = expectedCounts(levelChoices, weights, new Float64Array(effects));
  for (const { first, shares, ridge } of features) {
    for (let i = first * products; i < (first + shares.length) * products; i++) along[i] = ridge + expected[i]!;
  }
  return along;
}

/** Converts second derivatives in the weights to second derivatives in the standardised weights. */
function standardisedHessian(curvature: Float64Array, spread: Float64Array): Float64Array {
  const size = spread.length;
  return curvature.map((value, at) => {
    const scale = spread[Math.floor(at / size)]! * spread[at % size]!;
    return scale > 0 ? value / scale : 0;
  });
}

/**
 * Converts the gradient in the centred effects to the gradient in the effects before centring, and adds it to `gradient`.
 * For each level, the conversion subtracts the level's share of the total over all customers, `ofAll` f64[products].
 */
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
