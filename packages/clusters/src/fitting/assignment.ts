import { allocateLloyd, assignCentres, categoryOffsets, centreLanes, noCluster, PointsBuilder } from '@basketwise/core';
import { type Dialect, queryRows } from '@basketwise/data';
import { type ClusterContext, streamCustomerRows } from '../features/customer-rows.ts';
import { spaceOf } from '../features/feature.ts';
import { fromCustomers } from '../features/feature-fit.ts';
import { doubleLiteral, featureColumns, treatmentCounts } from '../features/feature-sql.ts';
import { FeatureTally } from '../features/feature-tally.ts';
import type { ClusterScheme } from '../features/scheme.ts';
import type { AssignmentRows, ClusterModel } from './cluster-model.ts';

/** Column with values that did not occur at the fit, and their number. */
export interface TreatedColumn {
  column: string;
  /**
   * `missing`: the value is replaced by the median, the middle rank or the unknown category. `new category`: the value has the
   * same distance to every cluster.
   */
  kind: 'missing' | 'new category';
  customers: number;
}

/** Result of a fit: the model, and the clusters of the customers. */
export interface FittedClusters {
  model: ClusterModel;
  assignment: CustomerAssignment;
}

/** Clusters of customers. */
export interface CustomerAssignment {
  /** Cluster of each customer of the snapshot, or `noCluster`. */
  clusters: Int16Array;
  /** Number of customers by cluster. */
  sizes: readonly number[];
  treated: readonly TreatedColumn[];
  tally: FeatureTally;
}

/** Assigns each customer to the cluster with the nearest centre. Also counts values that did not occur at the fit. */
export async function assignToCentres(
  context: ClusterContext,
  scheme: ClusterScheme,
  model: ClusterModel,
): Promise<CustomerAssignment> {
  const treated = await countTreated(context, scheme, model);
  return { ...(await assignToNearest(context, scheme, model)), treated };
}

/** Assigns each customer to the cluster with the nearest centre. */
export async function assignToNearest(
  context: ClusterContext,
  scheme: ClusterScheme,
  model: Pick<ClusterModel, 'k' | 'features' | 'centres' | 'gamma'>,
): Promise<Omit<CustomerAssignment, 'treated'>> {
  const clusters = new Int16Array(context.customerCount).fill(noCluster);
  const sizes: number[] = new Array(model.k).fill(0);
  const { pool } = context;
  const space = spaceOf(model.features);
  const tally = new FeatureTally(space, model.k);
  for await (const block of streamCustomerRows(context.customers, scheme, model.features)) {
    const mark = pool.memory.mark();
    try {
      const builder = new PointsBuilder(pool, space, { capacity: block.rows });
      await builder.append(block);
      const points = await builder.finish();
      const room = allocateLloyd(points, model.k);
      const { sums } = await assignCentres(points, model.centres, model.gamma, room);
      tally.add({ rows: block.rows, variance: points.variance, sums });
      pool.memory.u16(room.label, block.rows).forEach((cluster, i) => {
        clusters[block.customer[i]!] = cluster;
        sizes[cluster]!++;
      });
    } finally {
      pool.memory.release(mark);
    }
  }
  return { clusters, sizes, tally };
}

/** Counts values that did not occur at the fit, by column. */
export async function countTreated(
  { customers }: Pick<ClusterContext, 'customers'>,
  scheme: ClusterScheme,
  model: ClusterModel,
): Promise<TreatedColumn[]> {
  const counts = treatmentCounts(customers.engine.dialect, model.features);
  if (counts.length === 0) return [];
  const items = counts.map(({ predicate }, i) => `sum(CASE WHEN ${predicate} THEN 1e0 ELSE 0e0 END) AS n${i}`);
  const sql = `SELECT ${items.join(', ')} ${fromCustomers(customers, scheme)}`;
  const [row = {}] = await queryRows(customers.engine, sql, { place: `clusters.${scheme.name}` });
  const treated = counts.map(({ column, kind }, i) => ({ column, kind, customers: Number(row[`n${i}`]) }));
  return treated.filter((entry) => entry.customers > 0);
}

/**
 * SQL expression of the squared distance to one centre. Its terms are in the order in which the kernels add them: numbers, then
 * categories.
 */
function distanceExpression(model: ClusterModel, cluster: number): string {
  const space = spaceOf(model.features);
  const { lanes, centres, costs } = centreLanes(space, model.gamma, model.centres);
  const numbers = space.numeric.map((_, f) => {
    const apart = `(f${f} - ${doubleLiteral(centres[f * lanes + cluster]!)})`;
    return `${apart} * ${apart}`;
  });
  const offsets = categoryOffsets(space);
  const categories = space.categorical.map((column, q) => {
    const cost = (code: number) => doubleLiteral(costs[(offsets[q]! + code) * lanes + cluster]!);
    const cases = Array.from({ length: column.categories }, (_, code) => `WHEN ${code} THEN ${cost(code)}`);
    return `CASE c${q} ${cases.join(' ')} ELSE ${cost(column.categories)} END`;
  });
  return [...numbers, ...categories].join(' + ');
}

/**
 * Query that computes the clusters of customers inside an engine. It computes the features, the distances as 64-bit floats, and
 * the nearest centre (of equal distances, the lowest number).
 * The arithmetic and its order equal those of the kernels.
 */
export function assignmentQuery(dialect: Dialect, model: ClusterModel, { from, where, keep, distances }: AssignmentRows): string {
  const kept = keep.map((_, i) => `k${i}`);
  const wide = spaceOf(model.features).numeric.map((_, f) => `CAST(f${f} AS double) AS f${f}`);
  const codes = model.features.categorical.map((_, q) => `c${q}`);
  const named = keep.map((item, i) => `${item} AS k${i}`);
  const filter = where === null ? '' : ` WHERE ${where}`;
  const features = `SELECT ${[...named, ...featureColumns(dialect, model.features)].join(', ')} FROM ${from}${filter}`;
  const widened = `SELECT ${[...kept, ...wide, ...codes].join(', ')} FROM (${features}) AS features`;
  const clusters = Array.from({ length: model.k }, (_, j) => j);
  const sums = clusters.map((j) => `${distanceExpression(model, j)} AS d${j}`);
  const measured = `SELECT ${[...kept, ...sums].join(', ')} FROM (${widened}) AS widened`;
  const least = model.k === 1 ? 'd0' : `least(${clusters.map((j) => `d${j}`).join(', ')})`;
  const nearest = `CASE ${least} ${clusters.map((j) => `WHEN d${j} THEN ${j}`).join(' ')} END AS cluster`;
  const also = distances ? clusters.map((j) => `d${j}`) : [];
  return `SELECT ${[...kept, nearest, ...also].join(', ')} FROM (${measured}) AS measured`;
}
