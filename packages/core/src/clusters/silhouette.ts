import type { Address } from '../wasm/memory.ts';
import type { Points } from './points.ts';

/** Rows of one kernel call: each compares with all rows. */
const shareRows = 256;

/**
 * Mean silhouette of labelled rows (Rousseeuw 1987), exact over all their pairs: (b - a) / max(a, b), a the mean distance to the other
 * rows of the own cluster, b that to the nearest other cluster; 0 for a row that is alone. Distances are the roots of the squared ones
 * that the clusters minimise. Meant for samples: n x n distances. 0 where there is but one cluster.
 * @param label u16[rows] in kernel memory
 */
export async function silhouette(points: Points, label: Address, k: number, gamma: number): Promise<number> {
  const { pool, rows, space, numeric, codes } = points;
  const mark = pool.memory.mark();
  const differ = space.categorical.map(({ kind, weight }) => weight * (kind === 'native' ? gamma : 2));
  const differAt = pool.memory.store(Float64Array.from(differ));
  const sumsAt = pool.memory.allocate(rows * k * 8);
  const shape = [rows, space.numeric.length, space.categorical.length, differAt, k];
  const shares = Array.from({ length: Math.ceil(rows / shareRows) }, (_, s) => s * shareRows);
  const calls = shares.map((from) => [numeric, codes, label, ...shape, from, Math.min(rows, from + shareRows), sumsAt]);
  await pool.run('distanceSums', calls);
  const labels = pool.memory.u16(label, rows);
  const sums = pool.memory.f64(sumsAt, rows * k);
  const sizes = new Float64Array(k);
  for (const own of labels) sizes[own]!++;
  let total = 0;
  for (let i = 0; i < rows; i++) total += silhouetteOf(sums.subarray(i * k, (i + 1) * k), sizes, labels[i]!);
  pool.memory.release(mark);
  return total / rows;
}

function silhouetteOf(sums: Float64Array, sizes: Float64Array, own: number): number {
  if (sizes[own]! < 2) return 0;
  const inside = sums[own]! / (sizes[own]! - 1);
  let outside = Number.POSITIVE_INFINITY;
  for (let j = 0; j < sizes.length; j++) if (j !== own && sizes[j]! > 0) outside = Math.min(outside, sums[j]! / sizes[j]!);
  if (outside === Number.POSITIVE_INFINITY) return 0;
  const larger = Math.max(inside, outside);
  return larger === 0 ? 0 : (outside - inside) / larger;
}
