import { AppError } from '../error.ts';

/** Handling of a categorical column in the distance: 0/1 columns with a mean per cluster, or a match with the cluster's mode. */
export type CategoricalKind = 'one-hot' | 'native';

/**
 * Categorical column of a space. Codes are 0 to categories - 1. The code `categories` stands for categories absent when fitting.
 */
interface CategoricalColumn {
  name: string;
  kind: CategoricalKind;
  categories: number;
  /** Factor on the column's part of the squared distance. */
  weight: number;
}

/** Columns of the rows to cluster. Values of numeric columns already include the columns' weights. */
export interface ClusterSpace {
  numeric: readonly string[];
  categorical: readonly CategoricalColumn[];
}

/** Centres of k clusters. For a native column the shares are 1 at the mode and 0 elsewhere. */
export interface Centres {
  k: number;
  /** f64[k x numeric columns]. */
  numeric: Float64Array;
  /** Shares of the categories, f64[k x all categories], unknown codes included. */
  shares: Float64Array;
}

/** Number of categories of all columns, plus one per column for unknown values. */
export function categoryCount(space: ClusterSpace): number {
  return space.categorical.reduce((sum, column) => sum + column.categories + 1, 0);
}

/** Number of the first category of each column, counted over all columns. */
export function categoryOffsets(space: ClusterSpace): number[] {
  let next = 0;
  return space.categorical.map((column) => {
    const offset = next;
    next += column.categories + 1;
    return offset;
  });
}

/** Lanes for k clusters: k rounded up to the width of the kernel's tiles. */
export function laneCount(k: number): number {
  return Math.ceil(k / 4) * 4;
}

/** @throws AppError bad-data if the space has no columns, or a column has more categories than codes exist */
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
 * Cost of each category of `column` against one cluster. The cluster's shares begin at `at`. The last cost is that of the unknown
 * code.
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
 * Centres in the format of the kernels and the generated SQL: one lane per cluster. Padding lanes are infinitely far.
 * @returns `centres` f64[numeric x lanes] and `costs` f64[categories x lanes]
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

/** Squared distance between cluster i of `a` and cluster j of `b`. Roots of these distances obey the triangle inequality. */
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
