import type { Address } from '../wasm/memory.ts';
import { type Centres, categoryCount, centreDistance, centreLanes, laneCount } from './cluster-space.ts';
import { blockRows, type Points, rowBlocks } from './points.ts';

/** Widens what rounding may have shortened, in host code; the kernel's own margins are wider. */
const margin = 1e-9;
const noLabel = 0xffff;
/** The kernel's STRETCH. */
const stretch = 1024;

/** Kernel memory that runs of Lloyd's algorithm with up to `k` clusters share. */
export interface LloydSpace {
  k: number;
  /** u16[rows]. */
  label: Address;
  upper: Address;
  lower: Address;
  sums: Address;
  parts: Address;
  lanes: Address;
  costs: Address;
  moves: Address;
  scales: Address;
}

/** When to stop. */
export interface LloydOptions {
  maxIterations: number;
  /** Stop once the squared moves of all centres sum to no more than this; 0: only when no row moves any more. */
  tolerance: number;
  /** Factor on mismatches of native columns. */
  gamma: number;
}

/** Where a run ended. Labels are in its space. */
export interface LloydResult {
  centres: Centres;
  /** Weight of each cluster's rows; 0 for an empty one. */
  weights: Float64Array;
  /** Sum of weight * squared distance to the own centre. */
  cost: number;
  iterations: number;
  converged: boolean;
}

/** Takes the memory; the caller releases it. */
export function allocateLloyd(points: Points, k: number): LloydSpace {
  const { memory } = points.pool;
  const d = points.space.numeric.length;
  const categories = categoryCount(points.space);
  const lanes = laneCount(k);
  const length = k * (d + categories + 1);
  return {
    k,
    label: memory.allocate(points.rows * 2),
    upper: memory.allocate(points.rows * 4),
    lower: memory.allocate(points.rows * 4),
    sums: memory.allocate(length * 8),
    parts: memory.allocate(Math.ceil(points.rows / blockRows) * length * 8),
    lanes: memory.allocate(d * lanes * 8),
    costs: memory.allocate(categories * lanes * 8),
    moves: memory.allocate(k * 3 * 8),
    scales: memory.allocate((d + 1) * 8),
  };
}

/** Smallest e with |x| <= 2^e, from the bits: the same on every machine. */
function exponent(x: number): number {
  if (x === 0) return 0;
  const high = new DataView(new Float64Array([x]).buffer).getUint32(4, true);
  return ((high >>> 20) & 0x7ff) - 1022;
}

/**
 * Fixed-point scales of the sums, per numeric column and of the weights: powers of two as large as leaves room for the largest value
 * (2^51, the kernel's rounding) and for the sum of all (2^62). Sums of integers are exact, so that they neither depend on an order
 * nor drift when only the rows that moved are added and taken away.
 */
function sumScales(points: Points): Float64Array {
  const scale = (maximum: number) => {
    const single = 50 - exponent(maximum * points.maximumWeight);
    return 2 ** Math.max(-1000, Math.min(1000, single, 61 - exponent(maximum * points.totalWeight)));
  };
  return Float64Array.from([...points.maximum, 1], scale);
}

/**
 * Lloyd's algorithm from given centres: assign every row to its nearest centre (ties: lowest number), make each centre the mean of its
 * rows (native columns: their mode, ties to the first category), until no row moves. An empty cluster is given the row farthest from
 * its centre, as scikit-learn does. Afterwards the labels belong to the centres returned.
 */
export async function runLloyd(points: Points, start: Centres, options: LloydOptions, space: LloydSpace): Promise<LloydResult> {
  const run = new LloydRun(points, start, options, space);
  const { maxIterations, tolerance } = options;
  let iterations = 0;
  let settled = false;
  let moved = 1;
  while (iterations < maxIterations && moved > 0 && !settled) {
    moved = await run.assign();
    iterations++;
    if (iterations > 1 && moved === 0) break;
    settled = (await run.update()) <= tolerance && tolerance > 0;
  }
  if (moved > 0) await run.assign();
  return { ...(await run.result()), iterations, converged: moved === 0 || settled };
}

/** One run's centres and the state in kernel memory that belongs to them. */
class LloydRun {
  readonly #points: Points;
  readonly #gamma: number;
  readonly #at: LloydSpace;
  readonly #width: number;
  readonly #categories: number;
  readonly #scales: Float64Array;
  #centres: Centres;

  constructor(points: Points, start: Centres, { gamma }: LloydOptions, space: LloydSpace) {
    const { memory } = points.pool;
    this.#points = points;
    this.#gamma = gamma;
    this.#at = space;
    this.#categories = categoryCount(points.space);
    this.#width = points.space.numeric.length + this.#categories + 1;
    this.#scales = sumScales(points);
    this.#centres = start;
    memory.u16(space.label, points.rows).fill(noLabel);
    memory.f64(space.scales, this.#scales.length).set(this.#scales);
    memory.i64(space.sums, start.k * this.#width).fill(0n);
    this.#place(start, start);
  }

  /** Assigns all rows and brings the sums up to date; the number of rows that moved. */
  async assign(): Promise<number> {
    const { pool, rows, space, numeric, codes, weight } = this.#points;
    const at = this.#at;
    const k = this.#centres.k;
    const lanes = laneCount(k);
    const d = space.numeric.length;
    const length = k * this.#width;
    const blocks = rowBlocks(rows);
    const scratch = lanes * 8 + 4 * (lanes * (9 + d + this.#categories) + 4 * d + 16 + stretch + 4);
    const calls = blocks.map(({ from, to }, b) => [
      ...[numeric, codes, weight, at.label, at.upper, at.lower, from, to],
      ...[space.numeric.length, space.categorical.length, this.#categories, k, lanes],
      ...[at.lanes, at.costs, at.moves, at.scales, at.parts + b * length * 8],
    ]);
    const moved = (await pool.run('assignRows', calls, scratch)).reduce((sum, count) => sum + count, 0);
    if (moved > 0) await pool.run('addSums', [[at.sums, at.parts, blocks.length, length]]);
    return moved;
  }

  /** Moves the centres to the middle of their rows; the sum of their squared moves. */
  async update(): Promise<number> {
    const before = this.#centres;
    const sums = this.#points.pool.memory.i64(this.#at.sums, before.k * this.#width).slice();
    const empty = Array.from({ length: before.k }, (_, j) => j).filter((j) => sums[(j + 1) * this.#width - 1] === 0n);
    this.#centres = this.#middle(empty.length > 0 ? await this.#repair(sums, empty) : sums);
    return this.#place(before, this.#centres);
  }

  async result(): Promise<{ centres: Centres; weights: Float64Array; cost: number }> {
    const { pool, rows, space, numeric, codes, weight } = this.#points;
    const { label, lanes, costs, sums } = this.#at;
    const k = this.#centres.k;
    const calls = rowBlocks(rows).map(({ from, to }) => [
      ...[numeric, codes, weight, label, from, to],
      ...[space.numeric.length, space.categorical.length, laneCount(k), lanes, costs],
    ]);
    const cost = (await pool.run('costOfRows', calls)).reduce((sum, part) => sum + part, 0);
    const total = pool.memory.i64(sums, k * this.#width);
    const weights = Float64Array.from({ length: k }, (_, j) => this.#massOf(total, j));
    return { centres: this.#centres, weights, cost };
  }

  #massOf(sums: BigInt64Array, j: number): number {
    return Number(sums[(j + 1) * this.#width - 1]) / this.#scales[this.#points.space.numeric.length]!;
  }

  /** Means and shares or modes from the sums; an empty cluster stays where it was. */
  #middle(sums: BigInt64Array): Centres {
    const { space } = this.#points;
    const { k } = this.#centres;
    const d = space.numeric.length;
    const numeric = this.#centres.numeric.slice();
    const shares = this.#centres.shares.slice();
    for (let j = 0; j < k; j++) {
      const mass = this.#massOf(sums, j);
      if (mass === 0) continue;
      const at = j * this.#width;
      for (let f = 0; f < d; f++) numeric[j * d + f] = Number(sums[at + f]) / this.#scales[f]! / mass;
      let from = 0;
      for (const column of space.categorical) {
        const counts = sums.subarray(at + d + from, at + d + from + column.categories + 1);
        const target = shares.subarray(j * this.#categories + from, j * this.#categories + from + column.categories + 1);
        fillShares(target, counts, column.kind === 'native', sums[at + this.#width - 1]!);
        from += column.categories + 1;
      }
    }
    return { k, numeric, shares };
  }

  /** Sums in which each empty cluster holds one of the rows farthest from their centres, which its cluster has lost. */
  async #repair(sums: BigInt64Array, empty: readonly number[]): Promise<BigInt64Array> {
    const { pool } = this.#points;
    const mark = pool.memory.mark();
    const repaired = pool.memory.allocate(sums.byteLength);
    pool.memory.i64(repaired, sums.length).set(sums);
    const labels = pool.memory.u16(this.#at.label, this.#points.rows);
    for (const [row, j] of (await this.#farthest(empty.length)).map((row, e) => [row, empty[e]!] as const)) {
      await this.#account(row, repaired + labels[row]! * this.#width * 8, -1);
      await this.#account(row, repaired + j * this.#width * 8, 1);
    }
    const result = pool.memory.i64(repaired, sums.length).slice();
    pool.memory.release(mark);
    return result;
  }

  #account(row: number, sums: Address, sign: number): Promise<unknown> {
    const { pool, space, numeric, codes, weight } = this.#points;
    const shape = [space.numeric.length, space.categorical.length, this.#categories];
    return pool.run('accountRow', [[numeric, codes, weight, row, ...shape, this.#at.scales, sums, sign]]);
  }

  /** Up to `count` rows, farthest first. */
  async #farthest(count: number): Promise<number[]> {
    const { pool, rows, space, numeric, codes } = this.#points;
    const { label, lanes, costs } = this.#at;
    const blocks = rowBlocks(rows);
    const mark = pool.memory.mark();
    const taken = pool.memory.allocate(count * 4);
    const distances = pool.memory.allocate(blocks.length * 8);
    const shape = [space.numeric.length, space.categorical.length, laneCount(this.#centres.k)];
    const found: number[] = [];
    while (found.length < count) {
      pool.memory.u32(taken, found.length).set(found);
      const calls = blocks.map(({ from, to }, b) => [
        ...[numeric, codes, label, from, to, ...shape, lanes, costs, taken, found.length, rows, distances + b * 8],
      ]);
      const best = await pool.run('farthestRow', calls);
      const values = pool.memory.f64(distances, blocks.length);
      const block = values.reduce((winner, value, b) => (value > 0 && value >= (values[winner] ?? 0) ? b : winner), -1);
      if (block < 0) break;
      found.push(best[block]!);
    }
    pool.memory.release(mark);
    return found;
  }

  /** Puts centres and how far they moved into kernel memory; the sum of the squared moves. */
  #place(before: Centres, after: Centres): number {
    const { space, pool } = this.#points;
    const { k } = after;
    const { centres, costs } = centreLanes(space, this.#gamma, after);
    pool.memory.f64(this.#at.lanes, centres.length).set(centres);
    pool.memory.f64(this.#at.costs, costs.length).set(costs);
    const squares = Array.from({ length: k }, (_, j) => centreDistance(space, this.#gamma, before, j, after, j));
    const moves = squares.map((square) => Math.sqrt(square) * (1 + margin));
    const target = pool.memory.f64(this.#at.moves, k * 3);
    for (let j = 0; j < k; j++) {
      target[j * 3] = moves[j]!;
      target[j * 3 + 1] = moves.reduce((largest, move, i) => (i === j ? largest : Math.max(largest, move)), 0);
      let gap = Number.POSITIVE_INFINITY;
      for (let i = 0; i < k; i++) if (i !== j) gap = Math.min(gap, centreDistance(space, this.#gamma, after, i, after, j));
      target[j * 3 + 2] = (Math.sqrt(gap) / 2) * (1 - margin);
    }
    return squares.reduce((sum, square) => sum + square, 0);
  }
}

/** Shares of one column's categories in one cluster, or 1 at the most frequent of them (ties: the first). */
function fillShares(target: Float64Array, counts: BigInt64Array, mode: boolean, mass: bigint): void {
  if (!mode) {
    for (let u = 0; u < counts.length; u++) target[u] = Number(counts[u]) / Number(mass);
    return;
  }
  let best = 0;
  for (let u = 1; u < counts.length; u++) if (counts[u]! > counts[best]!) best = u;
  target.fill(0);
  target[best] = 1;
}
