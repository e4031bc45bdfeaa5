import { AppError } from '@basketwise/core';
import { allocateLloyd, assignCentres, type Centres, type ClusterFit, fitCentres } from '@basketwise/core/parts';
import { noCluster } from '@basketwise/recommend';
import { assignToCentres, assignToNearest, type CustomerAssignment } from './assignment.ts';
import { nearestCentreQuery } from './assignment-sql.ts';
import { chooseAmong, chooseOnCustomers, type KRange } from './choose-k.ts';
import { type ClusterModel, type ClusterModelState, checkSizes } from './cluster-model.ts';
import { type ClusterContext, type LoadedCustomers, loadPoints } from './customer-rows.ts';
import { categoriesOf, type FeatureSet, spaceOf } from './feature.ts';
import { fitFeatures } from './feature-fit.ts';
import { FeatureTally } from './feature-tally.ts';
import type { ClusterMethod, FittedClusters } from './method.ts';
import { type ClusterScheme, defaultStartSample, type Encoding, fitSettings } from './scheme.ts';

async function fit(context: ClusterContext, scheme: ClusterScheme, trials?: KRange): Promise<FittedClusters> {
  const { memory } = context.pool;
  const mark = memory.mark();
  try {
    const features = await fitFeatures(context.customers, scheme);
    const loaded = await loadPoints(context, scheme, features);
    const range = typeof scheme.k === 'number' ? trials : scheme.k;
    const choice = range ? await chooseAmong(loaded.points, scheme, range) : null;
    const k = typeof scheme.k === 'number' ? scheme.k : choice!.chosen;
    const { seed, starts, start, start_sample: startSample = defaultStartSample, gamma, iterations } = scheme;
    const found = await fitCentres(loaded.points, { k, seed, starts, startSample, start, gamma, maxIterations: iterations });
    checkSizes(scheme.name, [...found.weights]);
    const { centres, assignment, cost } = await assign(context, scheme, features, loaded, found);
    const columns = { numeric: scheme.numeric, categorical: scheme.categorical };
    const { iterations: done, converged, costs } = found;
    const fit = { customers: loaded.customer.length, sizes: assignment.sizes, cost, iterations: done, converged, costs };
    const made = { k, seed, columns, features, gamma: found.gamma, centres, fit, settings: fitSettings(scheme), choice };
    return {
      model: { scheme: scheme.name, method: scheme.method, ...made },
      assignment,
    };
  } finally {
    memory.release(mark);
  }
}

/** Assigns all customers of a scheme, and numbers the clusters by falling size. The cost is that of the fitted customers. */
async function assign(
  context: ClusterContext,
  scheme: ClusterScheme,
  features: FeatureSet,
  loaded: LoadedCustomers,
  found: ClusterFit,
): Promise<{ centres: Centres; assignment: CustomerAssignment; cost: number }> {
  const { gamma, weights } = found;
  let centres = bySize(found.centres, weights);
  const ofLoaded = await assignLoaded(context, loaded, centres, gamma);
  if (loaded.isWhole) return { centres, ...ofLoaded };
  const all = () => assignToNearest(context, scheme, { k: centres.k, features, centres, gamma });
  let assignment = await all();
  if (assignment.sizes.some((size, j) => j > 0 && size > assignment.sizes[j - 1]!)) {
    // the order by size may differ between all customers and the fitted ones
    centres = bySize(centres, assignment.sizes);
    assignment = await all();
  }
  return { centres, assignment: { ...assignment, treated: [] }, cost: ofLoaded.cost };
}

/** The centres in the order of their weights, largest first; equal ones keep their order. */
function bySize(centres: Centres, weights: ArrayLike<number>): Centres {
  const order = Array.from(weights, (_, j) => j).sort((a, b) => weights[b]! - weights[a]! || a - b);
  const reorder = (values: Float64Array) => {
    const width = values.length / centres.k;
    return Float64Array.from(order.flatMap((j) => [...values.subarray(j * width, (j + 1) * width)]));
  };
  return { k: centres.k, numeric: reorder(centres.numeric), shares: reorder(centres.shares) };
}

/** Labels the loaded customers again, because ties go to the lowest of the final numbers. */
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

function savedState(model: ClusterModel): ClusterModelState {
  const { centres, method, k, ...parameters } = model;
  const width = (values: Float64Array) => ({ rows: k, columns: values.length / k, values });
  return {
    kind: method,
    columns: spaceOf(model.features).numeric,
    pseudoColumns: 0,
    parameters: { ...parameters, k },
    matrices: { numeric: width(centres.numeric), shares: width(centres.shares) },
  };
}

function restored({ kind, parameters, matrices }: ClusterModelState): ClusterModel {
  const { numeric, shares } = matrices;
  const { k } = parameters;
  if (typeof k !== 'number' || !numeric || !shares || !parameters.features) {
    throw new AppError(
      'bad-data',
      `cluster model: the file holds a model of kind ${kind}`,
      'Name a file that was fitted for clusters.',
    );
  }
  const centres = { k, numeric: Float64Array.from(numeric.values), shares: Float64Array.from(shares.values) };
  // in the order of the file, so that a saved model is written back unchanged
  const { choice = null, settings = null } = parameters;
  const model = { ...parameters, choice, settings, method: kind, centres } as unknown as ClusterModel;
  const space = spaceOf(model.features);
  const categories = model.features.categorical.reduce((sum, feature) => sum + categoriesOf(feature) + 1, 0);
  if (centres.numeric.length !== k * space.numeric.length || centres.shares.length !== k * categories) {
    throw new AppError('bad-data', 'cluster model: centres and features do not fit together', 'Fit the clusters again.');
  }
  return model;
}

/** A method whose clusters are centres with assignment by distance (Lloyd 1982; for native categories Huang 1998). */
export function centresMethod<const Name extends string>(name: Name, encoding: Encoding): ClusterMethod<Name> {
  return {
    ...{ name, encoding, fit, choose: chooseOnCustomers, assign: assignToCentres, sql: nearestCentreQuery },
    ...{ state: savedState, restore: restored },
  };
}
