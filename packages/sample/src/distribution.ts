import { exp, log } from '@basketwise/core';
import type { RandomStream } from './random.ts';

/** Quantile of the standard normal distribution for 0 < p <= 0.5 (Abramowitz and Stegun 26.2.23, absolute error below 4.5e-4). */
function lowerQuantile(p: number): number {
  const t = Math.sqrt(-2 * log(p));
  return (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
}

const steps = 1024;

/**
 * Quantiles at the probabilities 0, 1/steps, ... 1, for linear interpolation. Probabilities 0 and 1 are replaced by 1/16384 and 1 - 1/16384, so that
 * all quantiles are finite.
 */
function quantileTable(quantile: (p: number) => number): Float64Array {
  const edge = 1 / 16_384;
  return Float64Array.from({ length: steps + 1 }, (_, i) => quantile(Math.min(1 - edge, Math.max(edge, i / steps))));
}

const normalQuantiles = quantileTable((p) => (p <= 0.5 ? lowerQuantile(p) : -lowerQuantile(1 - p)));

/** Interpolates linearly in a table of equally spaced quantiles. `u` is a probability, 0 <= u < 1. */
export function quantileAt(table: ArrayLike<number>, u: number): number {
  const place = u * (table.length - 1);
  const below = Math.floor(place);
  return table[below]! + (place - below) * (table[below + 1]! - table[below]!);
}

/** Draws from the standard normal distribution, truncated at about 3.8 standard deviations. */
export function drawNormal(random: RandomStream): number {
  return quantileAt(normalQuantiles, random.uniform());
}

/** Draws from a log-normal distribution. `deviation` is the standard deviation of the logarithm. */
export function drawLogNormal(random: RandomStream, median: number, deviation: number): number {
  return median * exp(deviation * drawNormal(random));
}

/**
 * Draws from the gamma distribution with the given shape and scale 1 (Marsaglia and Tsang, 2000). For shapes below 1, a draw with shape + 1 is
 * multiplied by a power of a uniform draw.
 */
export function drawGamma(random: RandomStream, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * exp(log(1 - random.uniform()) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const root = 1 + c * x;
    const v = root * root * root;
    if (v > 0 && log(1 - random.uniform()) < x * x * 0.5 + d - d * v + d * log(v)) return d * v;
  }
}

/** Table of a discrete distribution for draws in constant time (Walker's alias method, with Vose's construction). */
export interface AliasTable {
  readonly keep: Float64Array;
  readonly alias: Uint16Array;
}

/**
 * Creates the table of a discrete distribution.
 * @param weights at most 65,536 numbers, nonnegative and not all zero. They need not sum to 1
 */
export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const count = weights.length;
  let total = 0;
  for (let i = 0; i < count; i++) total += weights[i]!;
  const keep = Float64Array.from(weights, (weight) => (weight * count) / total);
  const alias = Uint16Array.from(keep, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < count; i++) (keep[i]! < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const s = small.pop()!;
    const l = large.at(-1)!;
    alias[s] = l;
    keep[l] = keep[l]! - (1 - keep[s]!);
    if (keep[l]! < 1) small.push(large.pop()!);
  }
  for (const i of [...small, ...large]) keep[i] = 1;
  return { keep, alias };
}

/** Draws an index with a probability proportional to its weight. */
export function drawIndex(random: RandomStream, table: AliasTable): number {
  const place = random.uniform() * table.keep.length;
  const index = Math.floor(place);
  return place - index < table.keep[index]! ? index : table.alias[index]!;
}
