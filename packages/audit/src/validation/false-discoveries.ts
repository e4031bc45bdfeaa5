/**
 * Discoveries among m tests, at a false discovery rate (Benjamini and Hochberg, 1995).
 * They are the k smallest p-values, for the largest k with p_(k) <= k / m x rate, where p_(k) is the k-th smallest p-value.
 * @param values p-value of each test
 * @returns for each test, whether it is a discovery
 */
export function discoveries(values: readonly number[], rate = 0.05): boolean[] {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.findLastIndex((p, i) => p <= ((i + 1) / sorted.length) * rate);
  const bound = last < 0 ? -1 : sorted[last]!;
  return values.map((p) => p <= bound);
}
