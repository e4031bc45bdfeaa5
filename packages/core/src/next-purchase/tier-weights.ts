import type { BasketEntry } from '../baskets/basket-table.ts';
import { expectedCounts, type LevelChoices } from './choice-counts.ts';
import { type LogitChoices, type LogitFit, weightsOf } from './conditional-logit.ts';
import { minimise, type Objective } from './minimise.ts';

/** Strength of the prior of a tier's weights, as a number of choices. The prior is the weights of all customers. */
const choicesOfAll = 200;

/**
 * Weights of the components for each customer tier, for unscaled scores. Their prior is the weights of all customers.
 * The standardised weights w >= 0 of a tier maximise, with the effects of features fixed,
 *   log-likelihood of the tier's choices - choicesOfAll / 2 x sum over components m of (w_m - v_m)^2
 * v are the standardised weights of all customers. A tier without choices has the weights of all customers.
 * Null if all choices belong to one tier.
 */
export function fitTierWeights(choices: LogitChoices, fit: LogitFit, tolerance = 1e-5): Float64Array[] | null {
  const tiers = Array.from({ length: tierCount }, (_, tier) => choices.ofTier(tier));
  if (tiers.filter(({ isEmpty }) => !isEmpty).length < 2) return null;
  const { spread } = choices;
  return tiers.map((some) => {
    if (some.isEmpty) return fit.weights;
    const levelChoices = some.by(fit.effects.length > 0 ? some.problem.features : []);
    const curvature = { among: some.curvature(levelChoices, fit.weights, choicesOfAll), along: new Float64Array() };
    const { x } = minimise(tierObjective(levelChoices, fit, spread), fit.standardised, {
      ...{ nonNegative: fit.standardised.length, tolerance, curvature },
    });
    return weightsOf(x, spread);
  });
}

/** Penalised negative log-likelihood of standardised weights, and its gradient. */
function tierObjective(choices: LevelChoices, { standardised: ofAll, effects }: LogitFit, spread: Float64Array): Objective {
  return (x, gradient) => {
    const { logLikelihood, ofMembers } = expectedCounts(choices, weightsOf(x, spread), effects);
    let value = -logLikelihood;
    for (let k = 0; k < x.length; k++) {
      const away = x[k]! - ofAll[k]!;
      value += (choicesOfAll / 2) * away * away;
      gradient[k] = choicesOfAll * away + (spread[k]! > 0 ? ofMembers[k]! / spread[k]! : 0);
    }
    return value;
  };
}

/** Number of customer tiers: none, one, two, or more recommendable products held. */
export const tierCount = 4;

/** Tier of customers who hold `held` recommendable products. */
function tierOfCount(held: number): number {
  return Math.min(held, tierCount - 1);
}

/** Tier of the customers with a basket. @param candidates one byte per column: 1 if it can be recommended */
export function tierOf(basket: readonly BasketEntry[], candidates: Uint8Array): number {
  let held = 0;
  for (const { column } of basket) held += candidates[column]!;
  return tierOfCount(held);
}
