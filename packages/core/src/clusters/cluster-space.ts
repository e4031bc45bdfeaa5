import { AppError } from '../error.ts';

/** Part of a categorical column in the distance: 0/1 columns with a mean per cluster, or a match with the cluster's mode. */
export type CategoricalKind = 'one-hot' | 'native';

/**
 * A categorical column of a space. Codes are 0 .. categories - 1; the code `categories` stands for a category that was absent when fitting.
 */
interface CategoricalColumn {
  name: string;
  kind: CategoricalKind;
  categories: number;
  /** Factor on its part of the squared distance. */
  weight: number;
}

/** Columns of the rows to cluster. The weights of numeric columns are included in their values. */
export interface ClusterSpace {
  numeric: readonly string[];
  categorical: readonly CategoricalColumn[];
}

/** The centres of k clusters; for a native column the shares are 1 at the mode and 0 elsewhere. */
export interface Centres {
  k: number;
  /** f64[k x numeric columns]. */
  numeric: Float64Array;
  /** f64[k x all categories, the unknown codes included]. */
  shares: Float64Array;
}

/** Number of categories of all columns together, one unknown code per column included. */
export function categoryCount(space: ClusterSpace): number {
  return space.categorical.reduce((sum, column) => sum + column.categories + 1, 0);
}

/** First category of each column in that count. */
export function categoryOffsets(space: ClusterSpace): number[] {
  let next = 0;
  return space.categorical.map((column) => {
    const offset = next;
    next += column.categories + 1;
    return offset;
  });
}

/** Clusters as lanes: k rounded up to the width of the kernel's tiles. */
export function laneCount(k: number): number {
  return Math.ceil(k / 4) * 4;
}

/** @throws AppError bad-data if there are no columns, or more categories than codes. */
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

/** Cost of each category of `column` against a cluster whose shares begin at `at`: the last is that of the unknown code. */
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
 * The centres in the format of the kernels and the generated SQL, cluster by cluster in lanes: `centres` f64[numeric x lanes] and `costs`
 * f64[categories x lanes]. Padding lanes are infinitely far.
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

/** Squared distance of two centres (cluster i of `a` and cluster j of `b`) in the space whose roots obey the triangle inequality. */
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
