import { exp, log, minimise } from '@basketwise/core/parts';

/** Choice of a customer: terms of the candidates, f64[candidates x terms], row-major, and the position of the product that was taken. */
export interface ScoredChoice {
  terms: Float64Array;
  taken: number;
}

/** Normal prior of a slope. */
export interface SlopePrior {
  mean: number;
  spread: number;
}

/**
 * Slopes of a softmax, each at least 0, with the largest likelihood of choices times normal priors: the probability of candidate i is
 * exp(sum over terms of slope x term_i) over its sum over the candidates (McFadden, 1974). With scores as the only term, the slope is 1 / temperature
 * (Guo et al., On Calibration of Modern Neural Networks, 2017).
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

/** Negative log-likelihood of a choice. Adds its derivatives to the gradient. */
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
