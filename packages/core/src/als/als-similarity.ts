import type { FoldIn } from './als-fold-in.ts';

/**
 * How much each column of an ALS model is like one of them: the cosine K[i, j] / sqrt(K[i, i] K[j, j]) of the hat matrix K = Y A^-1 Y', which
 * does not depend on how the factors are turned or scaled. -1 .. 1; 0 for columns that have no factors.
 */
export function alsSimilarities({ hatRoot }: FoldIn, factors: number, columns: number, column: number): Float64Array {
  const hat = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k < factors; k++) sum += hatRoot[i * factors + k]! * hatRoot[j * factors + k]!;
    return sum;
  };
  return Float64Array.from({ length: columns }, (_, i) => hat(i, column) / (Math.sqrt(hat(i, i) * hat(column, column)) || 1));
}
