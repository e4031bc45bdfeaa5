import { type Points, rowBlocks } from './points.ts';

/** Number of rows in one kernel call. Each of them is compared with all rows. */
const shareRows = 64;
/** Largest number of clusters of all labellings that are measured in one pass. */
const sampledGroups = 2048;

/** Labelling of rows: the cluster of each, 0 to k - 1. */
export interface Labelling {
  labels: ArrayLike<number>;
  k: number;
}

/**
 * Mean silhouette of each labelling (Rousseeuw 1987), exact over all pairs of rows. 0 with only one cluster.
 * A row's silhouette is (b - a) / max(a, b). a is its mean distance to the other rows of its cluster.
 * b is its mean distance to the rows of the nearest other cluster. A row alone in its cluster has silhouette 0.
 * Distances are square roots of the squared distances that a fit minimises.
 * Meant for samples: n rows take n x n distances, each computed once for all labellings.
 */
export async function silhouettes(points: Points, labellings: readonly Labelling[], gamma: number): Promise<number[]> {
  const means: number[] = [];
  for (let from = 0; from < labellings.length; ) {
    let to = from + 1;
    let groups = labellings[from]!.k;
    while (to < labellings.length && groups + labellings[to]!.k <= sampledGroups) groups += labellings[to++]!.k;
    means.push(...(await silhouettesOf(points, labellings.slice(from, to), gamma)));
    from = to;
  }
  return means;
}

async function silhouettesOf(points: Points, labellings: readonly Labelling[], gamma: number): Promise<number[]> {
  const { pool, rows, space, record } = points;
  const mark = pool.memory.mark();
  const differ = space.categorical.map(({ kind, weight }) => weight * (kind === 'native' ? gamma : 2));
  const differAt = pool.memory.store(Float64Array.from(differ));
  const { numbered, offsets, groups } = numberLabels(labellings, rows);
  const label = pool.memory.allocate(numbered.byteLength);
  pool.memory.u16(label, numbered.length).set(numbered);
  const sumsAt = pool.memory.allocate(rows * groups * 8);
  const all = { points: record, label, rows, differ: differAt, m: labellings.length, groups, out: sumsAt };
  const calls = rowBlocks(rows, shareRows).map(({ from, to }) => ({ ...all, from, to }));
  await pool.run('distanceSums', calls);
  const sums = pool.memory.f64(sumsAt, rows * groups);
  const means = labellings.map(({ labels, k }, t) => {
    const sizes = new Float64Array(k);
    for (let i = 0; i < rows; i++) sizes[labels[i]!]!++;
    let total = 0;
    for (let i = 0; i < rows; i++) {
      const at = i * groups + offsets[t]!;
      total += silhouetteOf(sums.subarray(at, at + k), sizes, labels[i]!);
    }
    return total / rows;
  });
  pool.memory.release(mark);
  return means;
}

/** Numbers the clusters consecutively over all labellings: u16[rows x labellings]. */
function numberLabels(labellings: readonly Labelling[], rows: number) {
  const numbered = new Uint16Array(rows * labellings.length);
  const offsets: number[] = [];
  let groups = 0;
  for (const [t, { labels, k }] of labellings.entries()) {
    for (let i = 0; i < rows; i++) numbered[i * labellings.length + t] = labels[i]! + groups;
    offsets.push(groups);
    groups += k;
  }
  return { numbered, offsets, groups };
}

function silhouetteOf(sums: Float64Array, sizes: Float64Array, cluster: number): number {
  if (sizes[cluster]! < 2) return 0;
  const inside = sums[cluster]! / (sizes[cluster]! - 1);
  let outside = Number.POSITIVE_INFINITY;
  for (let j = 0; j < sizes.length; j++) if (j !== cluster && sizes[j]! > 0) outside = Math.min(outside, sums[j]! / sizes[j]!);
  if (outside === Number.POSITIVE_INFINITY) return 0;
  const larger = Math.max(inside, outside);
  return larger === 0 ? 0 : (outside - inside) / larger;
}

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
