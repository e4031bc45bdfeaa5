import { adjustedRand, copyPoints, drawRows, fitSideBySide, kneeOf, type Points, silhouettes } from '@basketwise/core';
import { type PublishedCount, publishedParts } from '@basketwise/data/base';
import { type ClusterContext, loadPoints } from '../features/customer-rows.ts';
import { fitFeatures } from '../features/feature-fit.ts';
import type { ClusterScheme } from '../features/scheme.ts';

/** Range of numbers of clusters to try, and size of the sample. */
export interface KRange {
  from: number;
  to: number;
  choose: 'elbow' | 'silhouette';
  /** Largest number of customers in the sample for the fits. Default 50,000. */
  sample?: number;
}

/** Result for one k: figures of the best start on the sample. */
interface KTrial {
  k: number;
  /** Cost of the best start: the sum of squared distances of customers to their centres. */
  cost: number;
  /** Mean silhouette, exact, on a smaller sample. */
  silhouette: number;
  /** Mean adjusted Rand index over all pairs of starts. 1 if every start finds the same clusters. */
  stability: number;
  /** Number of the sample's customers by cluster, largest first. */
  sizes: readonly PublishedCount[];
}

/** Results for all k, and the k that they suggest. */
export interface KChoice {
  scheme: string;
  /** Reference date of the run that fitted the clusters. It is earlier than this run's date if this run applies a saved model. */
  fittedOn?: string;
  customers: number;
  /** Size of the sample for the fits. */
  sample: number;
  /** Size of the sample for the silhouette. */
  silhouetteSample: number;
  starts: number;
  trials: readonly KTrial[];
  /** k at the knee of the cost curve. */
  elbow: number;
  /** k with the largest silhouette. */
  silhouette: number;
  /** k that is used. */
  chosen: number;
}

/** Largest sizes of the samples, in customers. */
const fitSample = 50_000;
const silhouetteSample = 2_000;

/** Tries every k of a range on the customers of a scheme. Releases all kernel memory that it allocated. */
export async function chooseOnCustomers(context: ClusterContext, scheme: ClusterScheme, range: KRange): Promise<KChoice> {
  const { memory } = context.pool;
  const mark = memory.mark();
  try {
    const features = await fitFeatures(context.customers, scheme);
    const { points } = await loadPoints(context, scheme, features);
    return await chooseAmong(points, scheme, range);
  } finally {
    memory.release(mark);
  }
}

/** Tries every k of a range on samples of the points. The scheme's seed determines the samples. */
export async function chooseAmong(points: Points, scheme: ClusterScheme, range: KRange): Promise<KChoice> {
  const { memory } = points.pool;
  const mark = memory.mark();
  const sample = copyPoints(points, drawRows(points, Math.min(points.sourceRows, range.sample ?? fitSample), scheme.seed));
  const judged = Math.min(sample.rows, silhouetteSample);
  const ks = Array.from({ length: Math.min(range.to, sample.rows) - range.from + 1 }, (_, i) => range.from + i);
  const trials = await tryAll(sample, judged, scheme, ks);
  memory.release(mark);
  const at = (position: number) => trials[position]?.k ?? range.from;
  const best = trials.reduce((winner, trial, i) => (trial.silhouette > trials[winner]!.silhouette ? i : winner), 0);
  const found = { elbow: at(kneeOf(trials.map(({ cost }) => cost))), silhouette: at(best) };
  return {
    scheme: scheme.name,
    customers: points.sourceRows,
    sample: sample.rows,
    silhouetteSample: judged,
    starts: startsOf(scheme),
    trials,
    ...found,
    chosen: found[range.choose],
  };
}

/** Number of starts for each k. It is at least two, because stability compares starts. */
function startsOf(scheme: ClusterScheme): number {
  return Math.max(2, scheme.starts);
}

/**
 * Largest number of rows of all starts that run at the same time, over all k. A start takes 18 bytes per row, and the space of
 * its sums.
 */
const rowsAtOnce = 2 ** 22;

/** Tries every k, as many at a time as memory allows. All silhouettes are computed in one pass. */
async function tryAll(sample: Points, judged: number, scheme: ClusterScheme, ks: readonly number[]): Promise<KTrial[]> {
  const { memory } = sample.pool;
  const together = Math.max(1, Math.floor(rowsAtOnce / sample.rows / startsOf(scheme)));
  const trials: Awaited<ReturnType<typeof fitTrials>> = [];
  for (let from = 0; from < ks.length; from += together) {
    trials.push(...(await fitTrials(sample, scheme, ks.slice(from, from + together))));
  }
  const mark = memory.mark();
  const rows = drawRows(sample, judged, scheme.seed);
  const some = copyPoints(sample, rows);
  const labellings = trials.map(({ k, labels }) => ({ k, labels: rows.map((row) => labels[row]!) }));
  const values = await silhouettes(some, labellings, trials[0]?.gamma ?? 1);
  memory.release(mark);
  return trials.map(({ k, cost, stability, sizes }, i) => ({ k, cost, silhouette: values[i]!, stability, sizes }));
}

/** For every k, fits several starts. Returns the best start, and how similar the starts are. */
async function fitTrials(sample: Points, scheme: ClusterScheme, ks: readonly number[]) {
  const { gamma, start, iterations } = scheme;
  const starts = startsOf(scheme);
  const wanted = ks.flatMap((k) => Array.from({ length: starts }, (_, s) => ({ k, seed: scheme.seed + s })));
  const fits = await fitSideBySide(sample, wanted, { gamma, start, maxIterations: iterations });
  return ks.map((k, i) => {
    const own = fits.slice(i * starts, (i + 1) * starts);
    const best = own.reduce((winner, fit) => (fit.cost < winner.cost ? fit : winner));
    return {
      ...{ k, cost: best.cost, labels: best.labels, gamma: best.gamma },
      stability: stabilityOf(own.map(({ labels }) => labels)),
      sizes: publishedParts([...best.weights].sort((a, b) => b - a)),
    };
  });
}

function stabilityOf(labelings: readonly Uint16Array[]): number {
  const indices = labelings.flatMap((a, i) => labelings.slice(i + 1).map((b) => adjustedRand(a, b)));
  return indices.reduce((sum, index) => sum + index, 0) / indices.length;
}
