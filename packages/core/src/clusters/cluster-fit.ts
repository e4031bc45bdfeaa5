import { AppError } from '../error.ts';
import { createRandom, type Random } from '../numbers/random.ts';
import type { Address } from '../wasm/memory.ts';
import { type Centres, categoryCount } from './cluster-space.ts';
import { centresFromRows, chooseStarts, type StartMethod } from './cluster-start.ts';
import { allocateLloyd, type LloydOptions, type LloydResult, type LloydSpace, runLloyd, runLloyds } from './lloyd-run.ts';
import { copyPoints, drawRows, type Points } from './points.ts';

/** Largest number of rows from which starting centres are chosen. If there are more rows, an even sample of this size is used. */
const startRows = 65_536;
const largestK = 1024;
/** Largest number of rows times number of concurrent starts. Each start takes 18 bytes of kernel memory per row, and its sums. */
const rowsTogether = 2 ** 21;
/** Largest number of rows of a fit that ends with random swaps. With so few rows, swaps are cheap, and all starts can miss the optimum. */
const swapRows = 256;
/** Random swaps tried per cluster. */
const swapsPerCluster = 50;

/** Options of a fit. */
export interface FitOptions {
  k: number;
  /** Method that chooses starting rows, or the centres of a single start. Default k-means++. */
  start?: StartMethod | Centres | undefined;
  /**
   * Number of runs from different starts, default 1. The fit returns the result with the lowest cost (ties: the first).
   * With several starts and at most 256 rows, random swaps then try to lower the cost.
   */
  starts?: number | undefined;
  /**
   * Number of evenly drawn rows on which the starts are fitted. Only the start with the lowest cost continues on all rows.
   * Default: all rows.
   */
  startSample?: number | undefined;
  seed?: number | undefined;
  /** Largest number of iterations of a run. Default 100. */
  maxIterations?: number | undefined;
  /**
   * A run stops when the squared moves of all centres sum to at most `tolerance` x the mean variance of all columns, as in
   * scikit-learn. With 0 it stops when no row changes its cluster. Default 1e-4.
   */
  tolerance?: number | undefined;
  /** Squared distance of a mismatch in a native column (see `CategoricalKind`). Default `defaultGamma`. */
  gamma?: number | undefined;
}

/** Result of a fit. */
export interface ClusterFit extends LloydResult {
  /** Cluster of each stored row, u16[rows], in kernel memory. */
  label: Address;
  gamma: number;
  /** Cost of each start, in order. */
  costs: readonly number[];
}

/**
 * Default gamma: half the mean of the population standard deviations of the numeric columns (Huang 1998).
 * Without numeric columns it is 1, as in k-modes.
 */
export function defaultGamma(points: Points): number {
  const { variance } = points;
  if (variance.length === 0) return 1;
  return variance.reduce((sum, v) => sum + Math.sqrt(v), 0) / variance.length / 2;
}

/** Mean variance of all columns, where each category counts as a 0/1 column. The tolerance of a fit is relative to it. */
function meanVariance(points: Points, gamma: number): number {
  let sum = points.variance.reduce((total, v) => total + v, 0);
  let columns = points.variance.length;
  let at = 0;
  for (const column of points.space.categorical) {
    const shares = points.categoryCounts.subarray(at, at + column.categories + 1).map((count) => count / points.sourceRows);
    const spread = 1 - shares.reduce((total, share) => total + share * share, 0);
    sum += column.weight * spread * (column.kind === 'native' ? gamma / 2 : 1);
    columns += column.categories;
    at += column.categories + 1;
  }
  return columns === 0 ? 0 : sum / columns;
}

function checkFit(points: Points, { k, start, starts = 1, startSample }: FitOptions): void {
  if (!Number.isInteger(k) || k < 1 || k > largestK) {
    throw new AppError('config', `clusters: k is ${k}`, `Give a whole number from 1 to ${largestK}.`);
  }
  if (k > points.sourceRows) {
    throw new AppError('bad-data', `clusters: k is ${k}, but there are only ${points.sourceRows} rows`, 'Give a smaller k.');
  }
  if (startSample !== undefined && !(Number.isInteger(startSample) && startSample >= k)) {
    throw new AppError('config', `clusters: starts on ${startSample} rows for ${k} clusters`, `Give ${k} or more.`);
  }
  if (!Number.isInteger(starts) || starts < 1) throw new AppError('config', `clusters: ${starts} starts`, 'Give 1 or more.');
  if (points.weight > 0) {
    const positive = points.pool.memory.f64(points.weight, points.rows).reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
    if (points.map === 0 && positive < k) {
      throw new AppError('bad-data', `clusters: k is ${k}, but only ${positive} rows have a weight`, 'Give a smaller k.');
    }
  }
  if (typeof start !== 'object') return;
  const { space } = points;
  if (start.k !== k || start.numeric.length !== k * space.numeric.length || start.shares.length !== k * categoryCount(space)) {
    throw new AppError(
      'bad-data',
      'clusters: the given start does not have the shape of the columns',
      'Give k centres of all columns.',
    );
  }
}

/**
 * Fits k clusters by Lloyd's algorithm from one or several starts. Equal input gives equal bytes for any number of workers.
 * With fewer than k distinct rows, some clusters stay empty (weight 0).
 */
export async function fitCentres(points: Points, options: FitOptions): Promise<ClusterFit> {
  checkFit(points, options);
  const { k, starts = 1, seed = 0, maxIterations = 100, tolerance = 1e-4 } = options;
  const { memory } = points.pool;
  const gamma = options.gamma ?? defaultGamma(points);
  const start = (await startOnSample(points, { ...options, gamma })) ?? options.start ?? 'k-means++';
  const best = memory.allocate(points.rows * 2);
  const mark = memory.mark();
  const random = createRandom(seed);
  const limits = { maxIterations, tolerance: tolerance * meanVariance(points, gamma), gamma };
  const count = typeof start === 'object' ? 1 : starts;
  const sample = typeof start === 'object' ? points : startPoints(points, seed);
  const together = Math.max(1, Math.min(count, Math.floor(rowsTogether / points.rows)));
  const spaces = Array.from({ length: together }, () => allocateLloyd(points, k));
  const costs: number[] = [];
  let winner: LloydResult | undefined;
  while (costs.length < count) {
    const requests = spaces.slice(0, count - costs.length).map(() => ({ k, random }));
    const centres = typeof start === 'object' ? [start] : await chooseStarts(sample, start, gamma, requests);
    const runs = centres.map((own, i) => ({ start: own, space: spaces[i]! }));
    for (const [i, result] of (await runLloyds(points, runs, limits)).entries()) {
      costs.push(result.cost);
      if (winner && winner.cost <= result.cost) continue;
      winner = result;
      memory.u16(best, points.rows).set(memory.u16(spaces[i]!.label, points.rows));
    }
  }
  if (typeof start !== 'object' && starts > 1 && k > 1 && points.rows <= swapRows) {
    winner = await swapCentres(points, winner!, limits, spaces[0]!, best, random);
  }
  memory.release(mark);
  return { ...winner!, label: best, gamma, costs };
}

/**
 * Fits clusters for many pairs of k and seed concurrently, each from one start. Meant for samples of rows.
 * With at most 65,536 rows, each result equals that of `fitCentres` with one start.
 */
export async function fitSideBySide(
  points: Points,
  fits: readonly { k: number; seed: number }[],
  options: Omit<FitOptions, 'k' | 'seed' | 'starts' | 'startSample'> & { start?: StartMethod | undefined },
): Promise<(Omit<ClusterFit, 'label'> & { labels: Uint16Array })[]> {
  for (const { k } of fits) checkFit(points, { ...options, k });
  const { start = 'k-means++', maxIterations = 100, tolerance = 1e-4, gamma = defaultGamma(points) } = options;
  const { memory } = points.pool;
  const mark = memory.mark();
  const requests = fits.map(({ k, seed }) => ({ k, random: createRandom(seed) }));
  const centres = await chooseStarts(points, start, gamma, requests);
  const runs = centres.map((own) => ({ start: own, space: allocateLloyd(points, own.k) }));
  const results = await runLloyds(points, runs, { maxIterations, tolerance: tolerance * meanVariance(points, gamma), gamma });
  const fitted = results.map((result, i) => {
    return { ...result, labels: memory.u16(runs[i]!.space.label, points.rows).slice(), gamma, costs: [result.cost] };
  });
  memory.release(mark);
  return fitted;
}

/**
 * Random swaps (Fränti, Efficiency of random swap clustering, 2018). A swap moves one random centre to a random row, then runs
 * Lloyd's algorithm. If the swap lowers the cost, its result becomes the best result, and its labels are written to `best`.
 */
async function swapCentres(
  points: Points,
  initial: LloydResult,
  limits: LloydOptions,
  space: LloydSpace,
  best: Address,
  random: Random,
): Promise<LloydResult> {
  const { memory } = points.pool;
  const { k } = initial.centres;
  let winner = initial;
  for (let s = 0; s < swapsPerCluster * k; s++) {
    const centres = { k, numeric: winner.centres.numeric.slice(), shares: winner.centres.shares.slice() };
    const row = centresFromRows(points, [Math.floor(random.next() * points.rows)]);
    const j = Math.floor(random.next() * k);
    centres.numeric.set(row.numeric, j * row.numeric.length);
    centres.shares.set(row.shares, j * row.shares.length);
    const result = await runLloyd(points, centres, limits, space);
    if (!(result.cost < winner.cost)) continue;
    winner = result;
    memory.u16(best, points.rows).set(memory.u16(space.label, points.rows));
  }
  return winner;
}

/** Centres of the start with the lowest cost on a sample. Undefined if starts are fitted on all rows, or centres are given. */
async function startOnSample(points: Points, { startSample, ...options }: FitOptions): Promise<Centres | undefined> {
  if (startSample === undefined || startSample >= points.rows || typeof options.start === 'object') return undefined;
  const { memory } = points.pool;
  const mark = memory.mark();
  const sample = copyPoints(points, drawRows(points, startSample, options.seed ?? 0));
  const { centres } = await fitCentres(sample, options);
  memory.release(mark);
  return centres;
}

/** Rows from which starting centres are chosen: all rows, or an even sample. */
function startPoints(points: Points, seed: number): Points {
  return points.rows <= startRows ? points : copyPoints(points, drawRows(points, startRows, seed));
}

/**
 * Assigns each row to the nearest of the given centres, with the arithmetic of a fit. Writes the labels to `space`.
 * @param space from `allocateLloyd`, for these points and this number of clusters
 */
export async function assignCentres(points: Points, centres: Centres, gamma: number, space: LloydSpace): Promise<LloydResult> {
  return runLloyd(points, centres, { maxIterations: 0, tolerance: 0, gamma }, space);
}
