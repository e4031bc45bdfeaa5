import { AppError } from '../error.ts';
import { clusterRun } from '../generated/layouts.ts';
import { log } from '../numbers/elementary.ts';
import type { Random } from '../numbers/random.ts';
import { type Address, offset, storeRecords } from '../wasm/memory.ts';
import { type Centres, categoryCount, centreLanes } from './cluster-space.ts';
import { type Points, rowBlocks } from './points.ts';

/** Method that chooses the rows used as starting centres. `huang` and `cao` use only the categorical columns. */
export type StartMethod = 'k-means++' | 'huang' | 'cao';

/** Centres with the values of the given rows. */
export function centresFromRows(points: Points, rows: readonly number[]): Centres {
  const { memory } = points.pool;
  const d = points.space.numeric.length;
  const c = points.space.categorical.length;
  const categories = categoryCount(points.space);
  const numeric = new Float64Array(rows.length * d);
  const shares = new Float64Array(rows.length * categories);
  rows.forEach((row, j) => {
    numeric.set(memory.f32(offset(points.numeric, row * d * 4), d), j * d);
    for (const code of memory.u16(offset(points.codes, row * c * 2), c)) shares[j * categories + code] = 1;
  });
  return { k: rows.length, numeric, shares };
}

/** Number of centres of one start, and its random numbers. */
export interface StartRequest {
  k: number;
  random: Random;
}

/**
 * Chooses starting centres for every request by the named method. Each centre has the values of a row.
 * Requests that share a stream of random numbers draw from it one after the other. The caller samples large sets of rows first.
 */
export async function chooseStarts(
  points: Points,
  method: StartMethod,
  gamma: number,
  requests: readonly StartRequest[],
): Promise<Centres[]> {
  if (method !== 'k-means++' && points.space.categorical.length === 0) {
    throw new AppError('config', `clusters: start ${method} needs categorical columns`, 'Use k-means++.');
  }
  if (method === 'cao') return requests.map(({ k }) => centresFromRows(points, caoRows(points, k)));
  if (method === 'huang') return requests.map(({ k, random }) => centresFromRows(points, huangRows(points, k, random)));
  return (await spreadRows(points, gamma, requests)).map((rows) => centresFromRows(points, rows));
}

/**
 * Greedy k-means++ (Arthur and Vassilvitskii 2007), for all requests concurrently. Returns the chosen rows of each request.
 * To choose the next row, 2 + floor(ln k) rows are drawn, and the row that lowers the cost most is chosen.
 * A row's probability is proportional to weight * squared distance to the nearest chosen row.
 * Copies of chosen rows are drawn only if no other rows remain.
 */
async function spreadRows(points: Points, gamma: number, requests: readonly StartRequest[]): Promise<number[][]> {
  const { memory } = points.pool;
  const mark = memory.mark();
  // The weights are copied, because the allocations below may move unshared memory.
  const weights = points.weight > 0 ? memory.f64(points.weight, points.rows).slice() : new Float64Array(points.rows).fill(1);
  const spreads = requests.map(({ k, random }) => {
    const trials = 2 + Math.floor(log(k));
    const draws = drawAhead(random, 1 + (k - 1) * trials);
    const closest = memory.allocate(points.rows * 8);
    memory.f64(closest, points.rows).fill(Number.POSITIVE_INFINITY);
    return { k, trials, draws, closest, chosen: drawByShare(weights, draws, 1), drawn: [] as number[] };
  });
  await candidateCosts(points, gamma, spreads, ({ chosen }) => chosen, true);
  for (let open = spreads; ; ) {
    open = open.filter(({ k, chosen }) => chosen.length < k);
    if (open.length === 0) break;
    for (const spread of open) {
      const near = memory.f64(spread.closest, points.rows);
      const shares = points.weight > 0 ? near.map((distance, i) => distance * weights[i]!) : near;
      spread.drawn = drawByShare(shares, spread.draws, spread.trials);
    }
    const potentials = await candidateCosts(points, gamma, open, ({ drawn }) => drawn, false);
    for (const [i, { chosen, drawn }] of open.entries()) {
      const potential = potentials[i]!;
      chosen.push(drawn[potential.indexOf(potential.reduce((a, b) => Math.min(a, b)))]!);
    }
    await candidateCosts(points, gamma, open, ({ chosen }) => [chosen.at(-1)!], true);
  }
  memory.release(mark);
  return spreads.map(({ chosen }) => chosen);
}

/** Takes the next `count` numbers of a stream as an independent stream. */
function drawAhead(random: Random, count: number): Random {
  const drawn = Float64Array.from({ length: count }, () => random.next());
  let at = 0;
  return { next: () => drawn[at++]! };
}

/**
 * Cost of each candidate row of each spread (a start in progress): the cost if the candidate were chosen next.
 * The cost is the sum over all rows of weight * squared distance to the nearest chosen row.
 * @param keep whether the first candidate of each spread is chosen: `closest` is then updated
 */
async function candidateCosts<Spread extends { closest: Address }>(
  points: Points,
  gamma: number,
  spreads: readonly Spread[],
  candidatesOf: (spread: Spread) => readonly number[],
  keep: boolean,
): Promise<number[][]> {
  const { pool, rows, space, record } = points;
  const mark = pool.memory.mark();
  const blocks = rowBlocks(rows);
  let widest = 0;
  const outs: { at: Address; lanes: number }[] = [];
  const calls = spreads.flatMap((spread) => {
    const { lanes, centres, costs } = centreLanes(space, gamma, centresFromRows(points, candidatesOf(spread)));
    const candidates = { kp: lanes, centres: pool.memory.store(centres), costs: pool.memory.store(costs) };
    const run = storeRecords(pool.memory, clusterRun, [candidates]);
    const at = pool.memory.allocate(blocks.length * lanes * 8);
    widest = Math.max(widest, lanes);
    outs.push({ at, lanes });
    const common = { points: record, run, closest: spread.closest, keep };
    return blocks.map(({ from, to }, b) => ({ ...common, from, to, out: offset(at, b * lanes * 8) }));
  });
  await pool.run('candidateCosts', calls, widest * 8);
  const sums = outs.map(({ at, lanes }, s) => {
    const parts = pool.memory.f64(at, blocks.length * lanes);
    return candidatesOf(spreads[s]!).map((_, j) => blocks.reduce((sum, _, b) => sum + parts[b * lanes + j]!, 0));
  });
  pool.memory.release(mark);
  return sums;
}

/** Draws `count` rows with probabilities proportional to `shares`; with equal probabilities if all shares are 0. */
function drawByShare(shares: Float64Array, random: Random, count: number): number[] {
  let total = 0;
  for (let i = 0; i < shares.length; i++) total += shares[i]!;
  return Array.from({ length: count }, () => drawRow(shares, total, random));
}

function drawRow(shares: Float64Array, total: number, random: Random): number {
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

/** Total weight of the rows with each category, f64[all categories]. */
function categoryWeights(points: Points): Float64Array {
  const { rows, weight, pool } = points;
  const c = points.space.categorical.length;
  const codes = pool.memory.u16(points.codes, rows * c);
  const weights = weight > 0 ? pool.memory.f64(weight, rows) : undefined;
  const counts = new Float64Array(categoryCount(points.space));
  for (let i = 0; i < rows * c; i++) counts[codes[i]!]! += weights?.[Math.floor(i / c)] ?? 1;
  return counts;
}

/** Number of columns in which the codes of a row and `otherCodes` differ. */
function mismatches(codes: Uint16Array, row: number, otherCodes: ArrayLike<number>): number {
  let count = 0;
  for (let q = 0; q < otherCodes.length; q++) if (codes[row * otherCodes.length + q] !== otherCodes[q]) count++;
  return count;
}

/**
 * Starting rows by Cao, Liang and Bai (2009), without random numbers. The density of a row is the mean frequency of its categories.
 * The first row has the largest density. Each next row has the largest minimum, over the chosen rows, of mismatches * density.
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

/**
 * Starting rows by Huang (1998). For each centre, it draws one category per column, with probabilities proportional to frequency.
 * It then chooses the row with the fewest mismatches to the drawn categories, among the rows that differ from all chosen rows.
 */
function huangRows(points: Points, k: number, random: Random): number[] {
  const { rows, pool, space } = points;
  const c = space.categorical.length;
  const codes = pool.memory.u16(points.codes, rows * c);
  const counts = categoryWeights(points);
  const chosen: number[] = [];
  for (let j = 0; j < k; j++) {
    let from = 0;
    const drawn = space.categorical.map((column) => {
      const [code = 0] = drawByShare(counts.subarray(from, from + column.categories + 1), random, 1);
      from += column.categories + 1;
      return from - column.categories - 1 + code;
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
