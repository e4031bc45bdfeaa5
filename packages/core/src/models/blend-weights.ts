import { AppError } from '../error.ts';

/** One choice that was seen: the members' scores of each candidate, and which candidate was taken. */
export interface Choice {
  /** f64[candidates x members], row-major. */
  features: Float64Array;
  /** Candidate that was taken. */
  taken: number;
  /** How often. Default 1. */
  weight?: number;
}

/** Steps of Newton's method; the problem is convex and small, a dozen is usual. */
const steps = 50;
/** Ends where no weight moves by more than this. */
const tolerance = 1e-9;

/**
 * Weights of a blend: maximum likelihood of a conditional logit (D. McFadden, 1974) of the choices, by Newton's method with halved steps, with
 * a small ridge on standardised features. Convex and deterministic.
 * @param ridge penalty per weight, in units of one choice. Default 1.
 * @returns one weight per member, on the members' own scale; 0 for a member whose scores never differ.
 * @throws AppError bad-data without choices.
 */
export function fitBlendWeights(choices: readonly Choice[], members: number, ridge = 1): Float64Array {
  if (choices.length === 0)
    throw new AppError('bad-data', 'no purchase to learn the weights of a blend from', 'Use a longer window.');
  const spread = spreads(choices, members);
  let weights = new Float64Array(members);
  let current = evaluate(choices, weights, spread, ridge);
  for (let step = 0; step < steps; step++) {
    const direction = solve(current.curvature, current.gradient, members);
    let size = 1;
    let next = weights;
    let value = current;
    do {
      next = weights.map((w, k) => w + size * direction[k]!);
      value = evaluate(choices, next, spread, ridge);
      size /= 2;
    } while (value.likelihood < current.likelihood && size > 1e-6);
    if (value.likelihood < current.likelihood) break;
    const moved = next.reduce((most, w, k) => Math.max(most, Math.abs(w - weights[k]!)), 0);
    [weights, current] = [next, value];
    if (moved < tolerance) break;
  }
  return weights.map((w, k) => (spread[k]! > 0 ? w / spread[k]! : 0));
}

/** Root mean square of each feature about its mean within a choice. */
function spreads(choices: readonly Choice[], members: number): Float64Array {
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

/** Penalised log-likelihood with its gradient and (negative) second derivative, over standardised features. */
function evaluate(choices: readonly Choice[], weights: Float64Array, spread: Float64Array, ridge: number) {
  const members = weights.length;
  const slope = weights.map((w, k) => (spread[k]! > 0 ? w / spread[k]! : 0));
  const gradient = weights.map((w) => -ridge * w);
  const curvature = new Float64Array(members * members);
  for (let k = 0; k < members; k++) curvature[k * members + k] = ridge;
  let likelihood = weights.reduce((sum, w) => sum - (ridge * w * w) / 2, 0);
  const mean = new Float64Array(members);
  for (const { features, taken, weight = 1 } of choices) {
    const probability = softmax(features, slope);
    likelihood += weight * Math.log(probability[taken]!);
    mean.fill(0);
    for (let c = 0; c < probability.length; c++) {
      for (let k = 0; k < members; k++) mean[k]! += probability[c]! * features[c * members + k]!;
    }
    for (let k = 0; k < members; k++) {
      if (spread[k]! > 0) gradient[k]! += (weight * (features[taken * members + k]! - mean[k]!)) / spread[k]!;
    }
    for (let c = 0; c < probability.length; c++) {
      const p = weight * probability[c]!;
      for (let k = 0; k < members; k++) {
        if (!(spread[k]! > 0)) continue;
        const a = (p * (features[c * members + k]! - mean[k]!)) / spread[k]!;
        for (let l = 0; l <= k; l++) {
          if (spread[l]! > 0) curvature[k * members + l]! += (a * (features[c * members + l]! - mean[l]!)) / spread[l]!;
        }
      }
    }
  }
  return { likelihood, gradient, curvature };
}

function softmax(features: Float64Array, slope: Float64Array): Float64Array {
  const members = slope.length;
  const score = new Float64Array(features.length / members);
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < score.length; c++) {
    for (let k = 0; k < members; k++) score[c]! += slope[k]! * features[c * members + k]!;
    most = Math.max(most, score[c]!);
  }
  let sum = 0;
  for (let c = 0; c < score.length; c++) {
    score[c] = Math.exp(score[c]! - most);
    sum += score[c]!;
  }
  return score.map((s) => s / sum);
}

/** Solves A x = b for a small positive definite A (lower triangle given) by Cholesky. */
function solve(lower: Float64Array, right: Float64Array, n: number): Float64Array {
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
