/** Label of rows outside all clusters, such as customers outside a cluster scheme. */
export const noCluster = -1;

/**
 * Adjusted Rand index of two labellings of the same rows (Hubert and Arabie 1985). Labels are numbers from 0.
 * It is 1 for equal groupings, even if their labels differ, and about 0 for agreement by chance. It is 1 if both have a single group.
 * Memory: a count for each pair of a group of `a` and a group of `b`.
 */
export function adjustedRand(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [rows, columns] = [countsOf(a), countsOf(b)];
  const cells = new Float64Array(rows.length * columns.length);
  for (let i = 0; i < a.length; i++) cells[a[i]! * columns.length + b[i]!]!++;
  const pairs = (counts: Float64Array) => counts.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const [together, first, second] = [pairs(cells), pairs(rows), pairs(columns)];
  const all = (a.length * (a.length - 1)) / 2;
  const chance = all === 0 ? 0 : (first * second) / all;
  const most = (first + second) / 2;
  return most === chance ? 1 : (together - chance) / (most - chance);
}

/**
 * Elbow of a falling curve (Satopaa et al. 2011, Kneedle): the position farthest below the straight line from the first value to
 * the last. A value above an earlier one is replaced by the lowest value so far. Ties: the first position. 0 for fewer than three
 * values.
 */
export function kneeOf(values: readonly number[]): number {
  if (values.length < 3) return 0;
  let lowest = Number.POSITIVE_INFINITY;
  const curve = values.map((value) => {
    lowest = Math.min(lowest, value);
    return lowest;
  });
  const first = curve[0]!;
  const fall = first - curve.at(-1)!;
  if (fall === 0) return 0;
  const below = curve.map((value, i) => (first - value) / fall - i / (curve.length - 1));
  return below.indexOf(below.reduce((a, b) => Math.max(a, b)));
}

/** Number of occurrences of each label, from 0 on. */
function countsOf(labels: ArrayLike<number>): Float64Array {
  let largest = -1;
  for (let i = 0; i < labels.length; i++) largest = Math.max(largest, labels[i]!);
  const counts = new Float64Array(largest + 1);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  return counts;
}
