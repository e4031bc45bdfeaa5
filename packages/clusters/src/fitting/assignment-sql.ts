import { categoryOffsets, centreLanes } from '@basketwise/core/parts';
import type { Dialect } from '@basketwise/data';
import { spaceOf } from '../features/feature.ts';
import { doubleLiteral, featureColumns } from '../features/feature-sql.ts';
import type { AssignmentRows, ClusterModel } from './cluster-model.ts';

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
