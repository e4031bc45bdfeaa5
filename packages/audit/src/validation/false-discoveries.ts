/**
 * Discoveries among many tests with a controlled rate of false ones (Benjamini and Hochberg, 1995): the k smallest p-values, k the largest
 * with p_(k) <= k / m x rate.
 * @param values p-values
 * @returns by test: whether it is a discovery
 */
export function discoveries(values: readonly number[], rate = 0.05): boolean[] {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.findLastIndex((p, i) => p <= ((i + 1) / sorted.length) * rate);
  const bound = last < 0 ? -1 : sorted[last]!;
  return values.map((p) => p <= bound);
}
