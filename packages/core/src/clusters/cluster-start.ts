import { AppError } from '../error.ts';
import { type Centres, categoryCount, centreLanes, laneCount } from './cluster-space.ts';
import { type Points, rowBlocks } from './points.ts';
import type { Random } from './random.ts';

/** How starting rows are chosen. `huang` and `cao` look at the categorical columns only. */
export type StartMethod = 'k-means++' | 'huang' | 'cao';

/** Centres that are rows of the points. */
export function centresFromRows(points: Points, rows: readonly number[]): Centres {
  const { memory } = points.pool;
  const d = points.space.numeric.length;
  const c = points.space.categorical.length;
  const categories = categoryCount(points.space);
  const numeric = new Float64Array(rows.length * d);
  const shares = new Float64Array(rows.length * categories);
  rows.forEach((row, j) => {
    numeric.set(memory.f32(points.numeric + row * d * 4, d), j * d);
    for (const code of memory.u16(points.codes + row * c * 2, c)) shares[j * categories + code] = 1;
  });
  return { k: rows.length, numeric, shares };
}

/** Starting centres by the method named, each a row. Points should be a sample where there are very many. */
export async function chooseStart(
  points: Points,
  k: number,
  method: StartMethod,
  gamma: number,
  random: Random,
): Promise<Centres> {
  if (method !== 'k-means++' && points.space.categorical.length === 0) {
    throw new AppError('config', `clusters: start ${method} needs categorical columns`, 'Use k-means++.');
  }
  if (method === 'cao') return centresFromRows(points, caoRows(points, k));
  if (method === 'huang') return centresFromRows(points, huangRows(points, k, random));
  return centresFromRows(points, await spreadRows(points, k, gamma, random));
}

/**
 * Greedy k-means++ (Arthur and Vassilvitskii 2007): every next row is drawn with a probability in proportion to weight * squared distance
 * to the nearest chosen one, the best of 2 + floor(ln k) draws. Rows that repeat chosen ones come last.
 */
async function spreadRows(points: Points, k: number, gamma: number, random: Random): Promise<number[]> {
  const { pool, rows, weight } = points;
  const mark = pool.memory.mark();
  const closest = pool.memory.allocate(rows * 8);
  pool.memory.f64(closest, rows).fill(Number.POSITIVE_INFINITY);
  const trials = 2 + Math.floor(Math.log(k));
  const costs = candidateCosts(points, gamma, closest, trials);
  const weights = weight > 0 ? pool.memory.f64(weight, rows) : undefined;
  const even = new Float64Array(rows).fill(1);
  const chosen = [drawRow(weights ?? even, random)];
  await costs([chosen[0]!], true);
  while (chosen.length < k) {
    const shares = pool.memory.f64(closest, rows).map((near, i) => near * (weights?.[i] ?? 1));
    const drawn = Array.from({ length: trials }, () => drawRow(shares, random));
    const potential = await costs(drawn, false);
    const best = drawn[potential.indexOf(potential.reduce((a, b) => Math.min(a, b)))]!;
    await costs([best], true);
    chosen.push(best);
  }
  pool.memory.release(mark);
  return chosen;
}

/** What the kernel sums for candidate rows: weight * squared distance to the nearest of the chosen rows and the candidate. */
function candidateCosts(points: Points, gamma: number, closest: number, most: number) {
  const { pool, rows, space, numeric, codes, weight } = points;
  const d = space.numeric.length;
  const categories = categoryCount(space);
  const blocks = rowBlocks(rows);
  const widest = laneCount(most);
  const lanesAt = pool.memory.allocate(d * widest * 8);
  const costsAt = pool.memory.allocate(categories * widest * 8);
  const out = pool.memory.allocate(blocks.length * widest * 8);
  return async (candidates: readonly number[], keep: boolean): Promise<number[]> => {
    const { lanes, centres, costs } = centreLanes(space, gamma, centresFromRows(points, candidates));
    pool.memory.f64(lanesAt, centres.length).set(centres);
    pool.memory.f64(costsAt, costs.length).set(costs);
    const calls = blocks.map(({ from, to }, b) => [
      ...[numeric, codes, weight, closest, from, to, d, space.categorical.length, lanes],
      ...[lanesAt, costsAt, keep ? 1 : 0, out + b * lanes * 8],
    ]);
    await pool.run('candidateCosts', calls, lanes * 8);
    const parts = pool.memory.f64(out, blocks.length * lanes);
    return candidates.map((_, j) => blocks.reduce((sum, _, b) => sum + parts[b * lanes + j]!, 0));
  };
}

/** A row drawn in proportion to its share; any row where all shares are 0. */
function drawRow(shares: Float64Array, random: Random): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const at = random.next();
  if (total === 0) return Math.floor(at * shares.length);
  let left = at * total;
  let last = 0;
  for (let i = 0; i < shares.length; i++) {
    if (shares[i] === 0) continue;
    last = i;
    left -= shares[i]!;
    if (left < 0) return i;
  }
  return last;
}

/** Weight of every category among the rows. */
function categoryWeights(points: Points): Float64Array {
  const { rows, weight, pool } = points;
  const c = points.space.categorical.length;
  const codes = pool.memory.u16(points.codes, rows * c);
  const weights = weight > 0 ? pool.memory.f64(weight, rows) : undefined;
  const counts = new Float64Array(categoryCount(points.space));
  for (let i = 0; i < rows * c; i++) counts[codes[i]!]! += weights?.[Math.floor(i / c)] ?? 1;
  return counts;
}

/** Columns in which a row's codes differ from `other`'s. */
function mismatches(codes: Uint16Array, row: number, other: ArrayLike<number>): number {
  let count = 0;
  for (let q = 0; q < other.length; q++) if (codes[row * other.length + q] !== other[q]) count++;
  return count;
}

/**
 * Cao, Liang and Bai (2009): first the row whose categories are most frequent, then rows that are both far from the chosen ones and
 * frequent. Nothing is random.
 */
function caoRows(points: Points, k: number): number[] {
  const { rows, pool } = points;
  const c = points.space.categorical.length;
  const codes = pool.memory.u16(points.codes, rows * c);
  const counts = categoryWeights(points);
  const density = new Float64Array(rows);
  for (let i = 0; i < rows * c; i++) density[Math.floor(i / c)]! += counts[codes[i]!]! / c / points.totalWeight;
  const value = density.slice();
  const far = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  while (chosen.length < k) {
    const best = value.reduce((winner, v, i) => (v > value[winner]! ? i : winner), 0);
    chosen.push(best);
    const row = codes.slice(best * c, best * c + c);
    for (let i = 0; i < rows; i++) {
      far[i] = Math.min(far[i]!, mismatches(codes, i, row) * density[i]!);
      value[i] = far[i]!;
    }
  }
  return chosen;
}

/** Huang (1998): categories drawn by their frequency, column by column, then the nearest row that repeats none of the chosen ones. */
function huangRows(points: Points, k: number, random: Random): number[] {
  const { rows, pool, space } = points;
  const c = space.categorical.length;
  const codes = pool.memory.u16(points.codes, rows * c);
  const counts = categoryWeights(points);
  const chosen: number[] = [];
  for (let j = 0; j < k; j++) {
    let from = 0;
    const drawn = space.categorical.map((column) => {
      const code = from + drawRow(counts.subarray(from, from + column.categories + 1), random);
      from += column.categories + 1;
      return code;
    });
    const taken = chosen.map((row) => codes.slice(row * c, row * c + c));
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows; i++) {
      const apart = mismatches(codes, i, drawn);
      if (apart >= least || taken.some((row) => mismatches(codes, i, row) === 0)) continue;
      least = apart;
      nearest = i;
    }
    chosen.push(nearest);
  }
  return chosen;
}
