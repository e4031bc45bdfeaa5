import { pow } from '@basketwise/core/parts';

/** Persistence of the overlap: each next entry counts for .8 of the one before. */
const persistence = 0.8;

/** Jaccard similarity of two lists as sets: size of the intersection over that of the union. 1 for two empty lists. */
export function jaccard(one: readonly string[], other: readonly string[]): number {
  const all = new Set([...one, ...other]);
  return all.size === 0 ? 1 : common(one, other) / all.size;
}

/**
 * Extrapolated rank-biased overlap of two lists at depth k of the longer one (Webber, Moffat and Zobel, 2010, equation 30):
 * x_k / k p^k + (1 - p) / p sum_d x_d / d p^d, with x_d the size of the intersection of the first d entries. 1 for equal lists.
 */
export function rankBiasedOverlap(one: readonly string[], other: readonly string[], p = persistence): number {
  const k = Math.max(one.length, other.length);
  if (k === 0) return 1;
  let sum = 0;
  for (let d = 1; d <= k; d++) sum += (common(one.slice(0, d), other.slice(0, d)) / d) * pow(p, d);
  return (common(one, other) / k) * pow(p, k) + ((1 - p) / p) * sum;
}

function common(one: readonly string[], other: readonly string[]): number {
  return one.reduce((count, entry) => count + Number(other.includes(entry)), 0);
}
