import { centreMove, clusterRun, noLabel, openStretch } from '../generated/layouts.ts';
import type { KernelCall } from '../wasm/kernels.ts';
import { type Address, offset, recordOf } from '../wasm/memory.ts';
import type { RowRange } from '../wasm/pool.ts';
import { type Centres, categoryCount, centreDistance, centreLanes, laneCount } from './cluster-space.ts';
import { type ClusterSums, FixedSums } from './fixed-sums.ts';
import { type Points, pointsPerBlock, rowBlocks } from './points.ts';

/** Relative margin for rounding errors of the distances computed in this file. The kernel has wider margins. */
const boundMargin = 1e-9;

/** Stopping criteria and distance of a run. */
export interface LloydOptions {
  maxIterations: number;
  /** The run stops when the squared moves of all centres sum to at most `tolerance`. 0: it stops when no row changes its cluster. */
  tolerance: number;
  /** Squared distance of a mismatch in a native column (see `CategoricalKind`). */
  gamma: number;
}

/** Result of a run. The labels are in its `LloydSpace`. */
export interface LloydResult {
  centres: Centres;
  sums: ClusterSums;
  /** Total weight of each cluster's rows; 0 for an empty cluster. */
  weights: Float64Array;
  /** Sum over rows of weight * squared distance to the centre of the row's cluster. */
  cost: number;
  iterations: number;
  converged: boolean;
}

/** One run of Lloyd's algorithm: its centres, and its state in kernel memory. */
class LloydRun {
  readonly #points: Points;
  readonly #gamma: number;
  readonly #at: LloydSpace;
  readonly #categories: number;
  readonly #sums: FixedSums;
  readonly #limits: LloydOptions;
  #centres: Centres;
  #iterations = 0;
  #settled = false;
  /** Number of rows that changed their cluster in the last iteration. */
  #moved = 1;
  #done = false;

  constructor(points: Points, start: Centres, limits: LloydOptions, space: LloydSpace) {
    const { memory } = points.pool;
    this.#points = points;
    this.#gamma = limits.gamma;
    this.#limits = limits;
    this.#at = space;
    this.#categories = categoryCount(points.space);
    this.#sums = new FixedSums(points);
    this.#centres = start;
    const { label, upper, lower, lanes: centres, costs, moves, scales } = space;
    const run = { label, upper, lower, k: start.k, kp: laneCount(start.k), centres, costs, moves, scales };
    memory.u32(space.run, clusterRun.recordWords).set(recordOf(clusterRun, run));
    memory.u16(space.label, points.rows).fill(noLabel);
    memory.f64(space.scales, this.#sums.scales.length).set(this.#sums.scales);
    memory.i64(space.sums, start.k * this.#sums.width).fill(0n);
    this.#place(start, start);
  }

  /** Whether the run has ended. Each label is then the number of the nearest final centre. */
  get done(): boolean {
    return this.#done;
  }

  /** Bytes of scratch that `assignRows` needs for each worker. */
  get scratchBytes(): number {
    const lanes = laneCount(this.#centres.k);
    const d = this.#points.space.numeric.length;
    return lanes * 8 + 4 * (lanes * (9 + d + this.#categories) + 4 * d + 16 + openStretch + 4);
  }

  assignCalls(blocks: readonly RowRange[]): KernelCall<'assignRows'>[] {
    const bytes = this.#centres.k * this.#sums.width * 8;
    return blocks.map(({ from, to }, b) => ({ ...this.#records, from, to, sums: offset(this.#at.parts, b * bytes) }));
  }

  sumsCall(blocks: number): KernelCall<'addSums'> {
    return { target: this.#at.sums, parts: this.#at.parts, count: blocks, length: this.#centres.k * this.#sums.width };
  }

  costCalls(blocks: readonly RowRange[]): KernelCall<'costOfRows'>[] {
    return blocks.map(({ from, to }) => ({ ...this.#records, from, to }));
  }

  /** Addresses of the records of the rows and of the run, for kernels. */
  get #records() {
    return { points: this.#points.record, run: this.#at.run };
  }

  /** Continues after an assignment in which `moved` rows changed their cluster. Computes new centres if the run has not ended. */
  async proceed(moved: number): Promise<void> {
    const { maxIterations, tolerance } = this.#limits;
    if (this.#settled || this.#iterations >= maxIterations) {
      this.#done = true; // The last assignment used the final centres.
      return;
    }
    this.#iterations++;
    this.#moved = moved;
    this.#done = this.#iterations > 1 && moved === 0;
    if (!this.#done) this.#settled = (await this.#update()) <= tolerance && tolerance > 0;
  }

  /** Moves each centre to the mean of its rows. Returns the sum of the squared moves of all centres. */
  async #update(): Promise<number> {
    const before = this.#centres;
    const sums = this.#points.pool.memory.i64(this.#at.sums, before.k * this.#sums.width).slice();
    const empty = Array.from({ length: before.k }, (_, j) => j).filter((j) => sums[(j + 1) * this.#sums.width - 1] === 0n);
    this.#centres = this.#sums.middle(before, empty.length > 0 ? await this.#repair(sums, empty) : sums);
    return this.#place(before, this.#centres);
  }

  /** Result of the run, without the cost. */
  end(): Omit<LloydResult, 'cost'> {
    const { k } = this.#centres;
    const total = this.#points.pool.memory.i64(this.#at.sums, k * this.#sums.width);
    const weights = Float64Array.from({ length: k }, (_, j) => this.#sums.massOf(total, j));
    const converged = this.#moved === 0 || this.#settled;
    return { centres: this.#centres, sums: this.#sums.unscaled(total, k), weights, iterations: this.#iterations, converged };
  }

  /**
   * Returns the sums after moving a row to each empty cluster. It moves the rows that are farthest from their centres.
   * The values of a moved row are subtracted from the sums of its previous cluster.
   */
  async #repair(sums: BigInt64Array, empty: readonly number[]): Promise<BigInt64Array> {
    const { pool } = this.#points;
    const mark = pool.memory.mark();
    const repaired = pool.memory.allocate(sums.byteLength);
    pool.memory.i64(repaired, sums.length).set(sums);
    const rows = await this.#farthest(empty.length);
    // The labels are read here, because the allocations above may move the memory.
    const labels = pool.memory.u16(this.#at.label, this.#points.rows);
    const moves = rows.map((row, e) => ({ row, from: labels[row]!, j: empty[e]! }));
    for (const { row, from, j } of moves) {
      await this.#account(row, offset(repaired, from * this.#sums.width * 8), -1);
      await this.#account(row, offset(repaired, j * this.#sums.width * 8), 1);
    }
    const result = pool.memory.i64(repaired, sums.length).slice();
    pool.memory.release(mark);
    return result;
  }

  #account(row: number, sums: Address, sign: number): Promise<unknown> {
    const { pool, record } = this.#points;
    return pool.run('accountRow', [{ points: record, i: row, scales: this.#at.scales, sums, sign }]);
  }

  /** Numbers of the `count` rows farthest from their centres, farthest first. Fewer if all others are at their centres. */
  async #farthest(count: number): Promise<number[]> {
    const { pool, rows } = this.#points;
    const blocks = rowBlocks(rows);
    const mark = pool.memory.mark();
    const taken = pool.memory.allocate(count * 4);
    const distances = pool.memory.allocate(blocks.length * 8);
    const farthest: number[] = [];
    while (farthest.length < count) {
      pool.memory.u32(taken, farthest.length).set(farthest);
      const picked = { taken, count: farthest.length, none: rows };
      const calls = blocks.map(({ from, to }, b) => ({ ...this.#records, from, to, ...picked, out: offset(distances, b * 8) }));
      const best = await pool.run('farthestRow', calls);
      const values = pool.memory.f64(distances, blocks.length);
      const block = values.reduce((winner, value, b) => (value > 0 && value >= (values[winner] ?? 0) ? b : winner), -1);
      if (block < 0) break;
      farthest.push(best[block]!);
    }
    pool.memory.release(mark);
    return farthest;
  }

  /** Copies centres and their moves into kernel memory; returns the sum of the squared moves. */
  #place(before: Centres, after: Centres): number {
    const { space, pool } = this.#points;
    const { k } = after;
    const { centres, costs } = centreLanes(space, this.#gamma, after);
    pool.memory.f64(this.#at.lanes, centres.length).set(centres);
    pool.memory.f64(this.#at.costs, costs.length).set(costs);
    const squares = Array.from({ length: k }, (_, j) => centreDistance(space, this.#gamma, before, j, after, j));
    const moves = squares.map((square) => Math.sqrt(square) * (1 + boundMargin));
    const target = pool.memory.f64(this.#at.moves, k * centreMove.recordWords);
    for (let j = 0; j < k; j++) {
      const at = j * centreMove.recordWords;
      target[at + centreMove.own] = moves[j]!;
      target[at + centreMove.others] = moves.reduce((largest, move, i) => (i === j ? largest : Math.max(largest, move)), 0);
      let gap = Number.POSITIVE_INFINITY;
      for (let i = 0; i < k; i++) if (i !== j) gap = Math.min(gap, centreDistance(space, this.#gamma, after, i, after, j));
      target[at + centreMove.halfGap] = (Math.sqrt(gap) / 2) * (1 - boundMargin);
    }
    return squares.reduce((sum, square) => sum + square, 0);
  }
}

/** Kernel memory for a run of Lloyd's algorithm with up to `k` clusters. Successive runs use it again. */
export interface LloydSpace {
  k: number;
  /** Cluster of each row, u16[rows]. */
  label: Address;
  upper: Address;
  lower: Address;
  sums: Address;
  parts: Address;
  lanes: Address;
  costs: Address;
  moves: Address;
  scales: Address;
  /** Record of the run for kernels, a ClusterRun (assembly/clusters/layouts.ts). */
  run: Address;
}

/** Allocates the memory for up to `k` clusters. The caller releases it. */
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
    parts: memory.allocate(Math.ceil(points.rows / pointsPerBlock) * length * 8),
    lanes: memory.allocate(d * lanes * 8),
    costs: memory.allocate(categories * lanes * 8),
    moves: memory.allocate(k * centreMove.recordBytes),
    scales: memory.allocate((d + 1) * 8),
    run: memory.allocate(clusterRun.recordBytes),
  };
}

/**
 * Lloyd's algorithm from given centres. It alternates two steps until no row moves:
 * - assign every row to its nearest centre (ties: lowest number)
 * - make each centre the mean of its rows; for native columns the mode (ties: first category)
 *
 * An empty cluster gets the row that is farthest from its centre, as in scikit-learn. The final label of a row is the number of the
 * nearest returned centre.
 */
export async function runLloyd(points: Points, start: Centres, options: LloydOptions, space: LloydSpace): Promise<LloydResult> {
  const [result] = await runLloyds(points, [{ start, space }], options);
  return result!;
}

/**
 * Lloyd's algorithm from several starts, each with its own space. All runs advance by one iteration at a time, in shared kernel
 * calls, so that small runs use all workers.
 */
export async function runLloyds(
  points: Points,
  starts: readonly { start: Centres; space: LloydSpace }[],
  options: LloydOptions,
): Promise<LloydResult[]> {
  const runs = starts.map(({ start, space }) => new LloydRun(points, start, options, space));
  for (let open = runs; open.length > 0; open = open.filter((run) => !run.done)) {
    const moved = await runAssignments(points, open);
    for (const [i, run] of open.entries()) await run.proceed(moved[i]!);
  }
  return lloydResults(points, runs);
}

/** Assigns all rows in every run and updates the sums. Returns for each run the number of rows that changed their cluster. */
async function runAssignments(points: Points, runs: readonly LloydRun[]): Promise<number[]> {
  const { pool } = points;
  const scratch = runs.reduce((most, run) => Math.max(most, run.scratchBytes), 0);
  const blocks = rowBlocks(points.rows);
  const calls = runs.flatMap((run) => run.assignCalls(blocks));
  const counts = await pool.run('assignRows', calls, scratch);
  const moved = runs.map((_, r) => counts.subarray(r * blocks.length, (r + 1) * blocks.length).reduce((sum, n) => sum + n, 0));
  const sums = runs.flatMap((run, r) => (moved[r]! > 0 ? [run.sumsCall(blocks.length)] : []));
  if (sums.length > 0) await pool.run('addSums', sums);
  return moved;
}

async function lloydResults(points: Points, runs: readonly LloydRun[]): Promise<LloydResult[]> {
  const blocks = rowBlocks(points.rows);
  const calls = runs.flatMap((run) => run.costCalls(blocks));
  const costs = await points.pool.run('costOfRows', calls);
  return runs.map((run, r) => {
    const cost = costs.subarray(r * blocks.length, (r + 1) * blocks.length).reduce((sum, part) => sum + part, 0);
    return { ...run.end(), cost };
  });
}
