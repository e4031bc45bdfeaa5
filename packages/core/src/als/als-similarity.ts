import type { FoldIn } from './als-fold-in.ts';

/**
 * Similarity of each column of an ALS model to a given one: the cosine K[i, j] / sqrt(K[i, i] K[j, j]) of the hat matrix K = Y A^-1 Y',
 * which is invariant to rotations and scalings of the factors. -1 .. 1; 0 for columns without factors.
 */
export function alsSimilarities({ hatRoot }: FoldIn, factors: number, columns: number, column: number): Float64Array {
  const hat = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < factors; k++) sum += hatRoot[i * factors + k]! * hatRoot[j * factors + k]!;
    return sum;
  };
  return Float64Array.from({ length: columns }, (_, i) => hat(i, column) / (Math.sqrt(hat(i, i) * hat(column, column)) || 1));
}
