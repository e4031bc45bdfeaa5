import { type ClusterSpace, type ClusterSums, categoryCount, categoryOffsets } from '@basketwise/core';

/** Sums over the rows of one fit or one block. */
interface TalliedRows {
  rows: number;
  /** Population variance of each numeric feature. */
  variance: Float64Array;
  sums: ClusterSums;
}

/**
 * Sums of the features of all customers by cluster. The kernels compute them during the assignment, so profiles need no separate
 * pass.
 */
export class FeatureTally {
  readonly #space: ClusterSpace;
  readonly #k: number;
  readonly #sums: ClusterSums;
  /** For each numeric feature, the sum of the squared differences of its values from their mean. */
  readonly #squares: Float64Array;
  #rows = 0;

  constructor(space: ClusterSpace, k: number) {
    this.#space = space;
    this.#k = k;
    this.#squares = new Float64Array(space.numeric.length);
    this.#sums = {
      numeric: new Float64Array(k * space.numeric.length),
      categories: new Float64Array(k * categoryCount(space)),
    };
  }

  /** Adds the sums of further rows. Variances are merged as in Chan, Golub and LeVeque (1983). */
  add({ rows, variance, sums }: TalliedRows): void {
    const before = this.#rows;
    this.#rows += rows;
    for (const [f, squares] of this.#squares.entries()) {
      const mean = (of: ClusterSums, count: number) => this.#column(of, f).reduce((a, b) => a + b, 0) / count;
      const apart = before > 0 ? mean(sums, rows) - mean(this.#sums, before) : 0;
      this.#squares[f] = squares + variance[f]! * rows + (apart ** 2 * before * rows) / this.#rows;
    }
    for (const [i, sum] of sums.numeric.entries()) this.#sums.numeric[i]! += sum;
    for (const [i, weight] of sums.categories.entries()) this.#sums.categories[i]! += weight;
  }

  /**
   * For a numeric feature: `sums`, its sum in each cluster, f64[k]; `squares`, the squared differences of all values from their
   * mean.
   */
  numeric(f: number): { sums: Float64Array; squares: number } {
    return { sums: this.#column(this.#sums, f), squares: this.#squares[f]! };
  }

  /**
   * For a categorical feature: customers of each cluster by code, f64[codes] per cluster. Unknown categories have a code, too.
   */
  categories(q: number): Float64Array[] {
    const width = categoryCount(this.#space);
    const from = categoryOffsets(this.#space)[q]!;
    const to = from + this.#space.categorical[q]!.categories + 1;
    return Array.from({ length: this.#k }, (_, j) => this.#sums.categories.slice(j * width + from, j * width + to));
  }

  #column({ numeric }: ClusterSums, f: number): Float64Array {
    const d = this.#space.numeric.length;
    return Float64Array.from({ length: this.#k }, (_, j) => numeric[j * d + f]!);
  }
}
