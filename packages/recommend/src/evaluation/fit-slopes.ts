import { exp, log, minimise } from '@basketwise/core';

/**
 * Choice of a customer among candidates. `terms` is f64[candidates x terms], row-major; `taken` is the position of the purchased or held-out
 * candidate.
 */
export interface ScoredChoice {
  terms: Float64Array;
  taken: number;
}

/** Normal prior of a slope; `spread` is its standard deviation. */
export interface SlopePrior {
  mean: number;
  spread: number;
}

/**
 * Fits the slopes of a softmax (McFadden, 1974), each at least 0, by maximum likelihood with normal priors. The probability of candidate i is
 * exp(u_i) / sum over candidates j of exp(u_j), with u_i = sum over terms t of slope_t × term_it. If the score is the only term, its slope is 1 /
 * temperature (Guo et al., On Calibration of Modern Neural Networks, 2017).
 */
export function fitSlopes(choices: readonly ScoredChoice[], priors: readonly SlopePrior[]): number[] {
  const width = priors.length;
  const objective = (x: Float64Array, gradient: Float64Array): number => {
    let value = 0;
    for (const [term, { mean, spread }] of priors.entries()) {
      const off = (x[term]! - mean) / spread;
      value += (off * off) / 2;
      gradient[term] = off / spread;
    }
    for (const choice of choices) value += addChoiceLoss(choice, x, gradient, width);
    return value;
  };
  const start = Float64Array.from(priors, ({ mean }) => mean);
  return Array.from(minimise(objective, start, { nonNegative: width }).x);
}

/** Negative log-likelihood of choices with these slopes. */
export function lossOfChoices(choices: readonly ScoredChoice[], slopes: readonly number[]): number {
  const [x, gradient] = [Float64Array.from(slopes), new Float64Array(slopes.length)];
  return choices.reduce((sum, choice) => sum + addChoiceLoss(choice, x, gradient, x.length), 0);
}

/** Returns the negative log-likelihood of a choice, and adds its derivatives to `gradient`. */
function addChoiceLoss({ terms, taken }: ScoredChoice, x: Float64Array, gradient: Float64Array, width: number): number {
  const candidates = terms.length / width;
  const utility = new Float64Array(candidates);
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < candidates; i++) {
    for (let term = 0; term < width; term++) utility[i]! += x[term]! * terms[i * width + term]!;
    top = Math.max(top, utility[i]!);
  }
  const loss = top - utility[taken]!;
  let sum = 0;
  for (let i = 0; i < candidates; i++) {
    utility[i] = exp(utility[i]! - top);
    sum += utility[i]!;
  }
  for (let term = 0; term < width; term++) {
    let mean = 0;
    for (let i = 0; i < candidates; i++) mean += (utility[i]! / sum) * terms[i * width + term]!;
    gradient[term]! += mean - terms[taken * width + term]!;
  }
  return loss + log(sum);
}
