/** Number of customers, and the sum and the sum of squares of their values. */
export interface Moments {
  n: number;
  sum: number;
  squares: number;
}

/** Moments of values. @param values pairs of a value and its number of customers */
export function momentsOf(values: Iterable<readonly [value: number, n: number]>): Moments {
  const moments = { n: 0, sum: 0, squares: 0 };
  for (const [value, n] of values) addValue(moments, value, n);
  return moments;
}

/** Adds n customers with the same value. */
export function addValue(moments: Moments, value: number, n = 1): void {
  moments.n += n;
  moments.sum += n * value;
  moments.squares += n * value * value;
}

export const meanOf = ({ n, sum }: Moments) => sum / n;

/** Squared standard error of the mean: sample variance / n. */
export function squaredError({ n, sum, squares }: Moments): number {
  return Math.max(0, squares - (sum * sum) / n) / Math.max(1, n - 1) / n;
}
