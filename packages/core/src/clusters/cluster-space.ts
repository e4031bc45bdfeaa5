import { AppError } from '../error.ts';

/**
 * Treatment of a categorical column in the squared distance of a row to a cluster.
 * `one-hot`: each category is a 0/1 column, whose mean in the cluster is the centre.
 * `native`: 0 if the row has the cluster's most frequent category (mode), otherwise gamma.
 */
export type CategoricalKind = 'one-hot' | 'native';

/**
 * Categorical column of a space. Categories have the codes 0 to categories - 1.
 * The code `categories` stands for every category that the rows of the fit do not have.
 */
interface CategoricalColumn {
  name: string;
  kind: CategoricalKind;
  categories: number;
  /** Factor on the column's part of the squared distance. */
  weight: number;
}

/** Columns of the rows to cluster. The values of a numeric column are already multiplied by its weight. */
export interface ClusterSpace {
  numeric: readonly string[];
  categorical: readonly CategoricalColumn[];
}

/** Centres of k clusters. For a native column the shares are 1 at the mode and 0 elsewhere. */
export interface Centres {
  k: number;
  /** Means of the numeric columns, f64[k x numeric columns]. */
  numeric: Float64Array;
  /** Share of each category in each cluster, f64[k x all categories]. Each column has one more category for unknown values. */
  shares: Float64Array;
}

/** Number of categories of all columns, plus one per column for unknown values. */
export function categoryCount(space: ClusterSpace): number {
  return space.categorical.reduce((sum, column) => sum + column.categories + 1, 0);
}

/** Index of each column's first category, if the categories of all columns are numbered consecutively. */
export function categoryOffsets(space: ClusterSpace): number[] {
  let next = 0;
  return space.categorical.map((column) => {
    const offset = next;
    next += column.categories + 1;
    return offset;
  });
}

/** Number of lanes that kernels use for k clusters: k rounded up to a multiple of 4. */
export function laneCount(k: number): number {
  return Math.ceil(k / 4) * 4;
}

/** Checks a space. @throws AppError bad-data if it has no columns, or more than 65,535 categories in all columns together */
export function checkSpace(space: ClusterSpace): void {
  if (space.numeric.length + space.categorical.length === 0) {
    throw new AppError('bad-data', 'clusters: no column left to cluster by', 'Name a numeric or categorical column that varies.');
  }
  const categories = categoryCount(space);
  if (categories > 65_535) {
    throw new AppError(
      'bad-data',
      `clusters: ${categories} categories in all, 65535 at most`,
      'Group the categories of the widest column by `derive`, or leave it out.',
    );
  }
}

/**
 * Squared distance of each category of `column` to one cluster, f64[categories + 1]. The last element is for unknown values.
 * @param at position in `shares` of the cluster's share of the column's first category
 */
function columnCosts(column: CategoricalColumn, gamma: number, shares: Float64Array, at: number): Float64Array {
  const costs = new Float64Array(column.categories + 1);
  for (let code = 0; code <= column.categories; code++) {
    if (column.kind === 'native') costs[code] = shares[at + code] === 1 ? 0 : column.weight * gamma;
    else {
      let sum = 0;
      for (let u = 0; u < column.categories; u++) sum += ((u === code ? 1 : 0) - shares[at + u]!) ** 2;
      costs[code] = column.weight * sum;
    }
  }
  return costs;
}

/**
 * Centres in the format of the kernels and the generated SQL, with one lane per cluster. Padding lanes are infinitely far.
 * @returns `centres`: means, f64[numeric columns x lanes]; `costs`: squared distance of each category, f64[categories x lanes]
 */
export function centreLanes(space: ClusterSpace, gamma: number, { k, numeric, shares }: Centres) {
  const lanes = laneCount(k);
  const d = space.numeric.length;
  const categories = categoryCount(space);
  const offsets = categoryOffsets(space);
  const centres = new Float64Array(d * lanes).fill(Number.POSITIVE_INFINITY);
  const costs = new Float64Array(categories * lanes).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < k; j++) {
    for (let f = 0; f < d; f++) centres[f * lanes + j] = numeric[j * d + f]!;
    space.categorical.forEach((column, q) => {
      const offset = offsets[q]!;
      columnCosts(column, gamma, shares, j * categories + offset).forEach((cost, code) => {
        costs[(offset + code) * lanes + j] = cost;
      });
    });
  }
  return { lanes, centres, costs };
}

/** Squared distance between centre i of `a` and centre j of `b`. The distances (square roots) obey the triangle inequality. */
export function centreDistance(space: ClusterSpace, gamma: number, a: Centres, i: number, b: Centres, j: number): number {
  const d = space.numeric.length;
  const categories = categoryCount(space);
  let sum = 0;
  for (let f = 0; f < d; f++) sum += (a.numeric[i * d + f]! - b.numeric[j * d + f]!) ** 2;
  let at = 0;
  for (const column of space.categorical) {
    let apart = 0;
    for (let u = 0; u <= column.categories; u++) {
      apart += (a.shares[i * categories + at + u]! - b.shares[j * categories + at + u]!) ** 2;
    }
    sum += column.weight * apart * (column.kind === 'native' ? gamma / 2 : 1);
    at += column.categories + 1;
  }
  return sum;
}
