import { allocateLloyd, assignCentres, type Centres, type ClusterFit, fitCentres, noCluster } from '@basketwise/core';
import { type ClusterContext, type LoadedCustomers, loadPoints } from '../features/customer-rows.ts';
import type { FeatureSet } from '../features/feature.ts';
import { fitFeatures } from '../features/feature-fit.ts';
import { FeatureTally } from '../features/feature-tally.ts';
import { type ClusterScheme, defaultStartSample, fitSettings } from '../features/scheme.ts';
import { assignToNearest, type CustomerAssignment, type FittedClusters } from './assignment.ts';
import { chooseAmong, type KRange } from './choose-k.ts';
import { checkSizes } from './cluster-model.ts';

/** Fits centres by Lloyd's algorithm (Lloyd 1982; for native categories Huang 1998). See ClusterMethod.fit. */
export async function fitLloyd(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters> {
  const { memory } = context.pool;
  const mark = memory.mark();
  try {
    const features = await fitFeatures(context.customers, scheme);
    const loaded = await loadPoints(context, scheme, features);
    const range = typeof scheme.k === 'number' ? trials : scheme.k;
    const choice = range ? await chooseAmong(loaded.points, scheme, range) : null;
    const k = typeof scheme.k === 'number' ? scheme.k : choice!.chosen;
    const { seed, starts, start, start_sample: startSample = defaultStartSample, gamma, iterations } = scheme;
    const fitted = await fitCentres(loaded.points, { k, seed, starts, startSample, start, gamma, maxIterations: iterations });
    checkSizes(scheme.name, [...fitted.weights]);
    const { centres, assignment, cost } = await assign(context, scheme, features, loaded, fitted);
    const columns = { numeric: scheme.numeric, categorical: scheme.categorical };
    const { iterations: done, converged, costs } = fitted;
    const fit = { customers: loaded.customer.length, sizes: assignment.sizes, cost, iterations: done, converged, costs };
    const made = { k, seed, columns, features, gamma: fitted.gamma, centres, fit, settings: fitSettings(scheme), choice };
    return {
      model: { scheme: scheme.name, method: scheme.method, ...made },
      assignment,
    };
  } finally {
    memory.release(mark);
  }
}

/**
 * Assigns all customers of a scheme, and numbers the clusters by falling size. The returned cost is that of the customers of the
 * fit.
 */
async function assign(
  context: ClusterContext,
  scheme: ClusterScheme,
  features: FeatureSet,
  loaded: LoadedCustomers,
  fitted: ClusterFit,
): Promise<{ centres: Centres; assignment: CustomerAssignment; cost: number }> {
  const { gamma, weights } = fitted;
  let centres = bySize(fitted.centres, weights);
  const ofLoaded = await assignLoaded(context, loaded, centres, gamma);
  if (loaded.isWhole) return { centres, ...ofLoaded };
  const all = () => assignToNearest(context, scheme, { k: centres.k, features, centres, gamma });
  let assignment = await all();
  if (assignment.sizes.some((size, j) => j > 0 && size > assignment.sizes[j - 1]!)) {
    // The order by size can differ between all customers and the fitted ones.
    centres = bySize(centres, assignment.sizes);
    assignment = await all();
  }
  return { centres, assignment: { ...assignment, treated: [] }, cost: ofLoaded.cost };
}

/** Orders centres by their weights, largest first. Centres of equal weight stay in their order. */
function bySize(centres: Centres, weights: ArrayLike<number>): Centres {
  const order = Array.from(weights, (_, j) => j).sort((a, b) => weights[b]! - weights[a]! || a - b);
  const reorder = (values: Float64Array) => {
    const width = values.length / centres.k;
    return Float64Array.from(order.flatMap((j) => [...values.subarray(j * width, (j + 1) * width)]));
  };
  return { k: centres.k, numeric: reorder(centres.numeric), shares: reorder(centres.shares) };
}

/** Assigns the loaded customers once more after the clusters were renumbered, because a tie goes to the lowest number. */
async function assignLoaded(
  { pool, customerCount }: ClusterContext,
  { points, customer }: LoadedCustomers,
  centres: Centres,
  gamma: number,
): Promise<{ assignment: CustomerAssignment; cost: number }> {
  const space = allocateLloyd(points, centres.k);
  const { weights, cost, sums } = await assignCentres(points, centres, gamma, space);
  const tally = new FeatureTally(points.space, centres.k);
  tally.add({ rows: points.sourceRows, variance: points.variance, sums });
  const clusters = new Int16Array(customerCount).fill(noCluster);
  const labels = pool.memory.u16(space.label, points.rows);
  if (points.map > 0) {
    const map = pool.memory.u32(points.map, points.sourceRows);
    for (let i = 0; i < customer.length; i++) clusters[customer[i]!] = labels[map[i]!]!;
  } else {
    for (let i = 0; i < customer.length; i++) clusters[customer[i]!] = labels[i]!;
  }
  return { assignment: { clusters, sizes: [...weights], treated: [], tally }, cost };
}
