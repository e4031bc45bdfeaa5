import { type Centres, type ClusterSpace, categoryCount } from './cluster-space.ts';
import type { Points } from './points.ts';

/** Sums of the rows of each cluster. */
export interface ClusterSums {
  /** Sums of weight * value, f64[k x numeric columns], rounded to fixed-point numbers. */
  numeric: Float64Array;
  /** Total weight of the rows with each category, f64[k x all categories]. Each column has one more category for unknown values. */
  categories: Float64Array;
}

/** Smallest integer e with |x| < 2^e; 0 for x = 0. It is read from the bits of x, so that it is the same on every machine. */
function exponent(x: number): number {
  if (x === 0) return 0;
  const high = new DataView(new Float64Array([x]).buffer).getUint32(4, true);
  return ((high >>> 20) & 0x7ff) - 1022;
}

/**
 * Fixed-point scale of each numeric column and, last, of the weights: powers of two.
 * A value times its weight and the scale stays below 2^51, as the kernel's rounding requires. The sum of all stays below 2^62.
 * Integer sums are exact. They do not depend on the order of rows, and moving rows between clusters adds no rounding errors.
 */
function sumScales(points: Points): Float64Array {
  const scale = (maximum: number) => {
    const single = 50 - exponent(maximum * points.maximumWeight);
    return 2 ** Math.max(-1000, Math.min(1000, single, 61 - exponent(maximum * points.totalWeight)));
  };
  return Float64Array.from([...points.maximum, 1], scale);
}

/**
 * Reader of the kernels' sums over the rows of each cluster, i64[k x width] fixed-point numbers.
 * A cluster has `width` sums: one per numeric column, one per category and, last, the sum of the weights.
 */
export class FixedSums {
  /** Number of sums per cluster. */
  readonly width: number;
  /** Scale of each numeric column and, last, of the weights. */
  readonly scales: Float64Array;
  readonly #space: ClusterSpace;
  readonly #categories: number;

  constructor(points: Points) {
    this.#space = points.space;
    this.#categories = categoryCount(points.space);
    this.width = points.space.numeric.length + this.#categories + 1;
    this.scales = sumScales(points);
  }

  /** Total weight of the rows of cluster j. */
  massOf(sums: BigInt64Array, j: number): number {
    return Number(sums[(j + 1) * this.width - 1]) / this.scales[this.#space.numeric.length]!;
  }

  /** Sums of k clusters as floating-point numbers. */
  unscaled(sums: BigInt64Array, k: number): ClusterSums {
    const d = this.#space.numeric.length;
    const at = (j: number, column: number) => Number(sums[j * this.width + column]);
    const numeric = Float64Array.from({ length: k * d }, (_, i) => at(Math.floor(i / d), i % d) / this.scales[i % d]!);
    const categories = Float64Array.from({ length: k * this.#categories }, (_, i) => {
      return at(Math.floor(i / this.#categories), d + (i % this.#categories)) / this.scales[d]!;
    });
    return { numeric, categories };
  }

  /** New centres of the clusters: means, and shares or modes of categories. An empty cluster retains its previous centre. */
  middle(before: Centres, sums: BigInt64Array): Centres {
    const { k } = before;
    const d = this.#space.numeric.length;
    const numeric = before.numeric.slice();
    const shares = before.shares.slice();
    for (let j = 0; j < k; j++) {
      const mass = this.massOf(sums, j);
      if (mass === 0) continue;
      const at = j * this.width;
      for (let f = 0; f < d; f++) numeric[j * d + f] = Number(sums[at + f]) / this.scales[f]! / mass;
      let from = 0;
      for (const column of this.#space.categorical) {
        const counts = sums.subarray(at + d + from, at + d + from + column.categories + 1);
        const target = shares.subarray(j * this.#categories + from, j * this.#categories + from + column.categories + 1);
        fillShares(target, counts, column.kind === 'native', sums[at + this.width - 1]!);
        from += column.categories + 1;
      }
    }
    return { k, numeric, shares };
  }
}

/**
 * Writes the share of each category of one column in one cluster to `target`.
 * With `mode`, the share is 1 for the most frequent category (ties: the first) and 0 for all others.
 */
function fillShares(target: Float64Array, counts: BigInt64Array, mode: boolean, mass: bigint): void {
  if (!mode) {
    for (let u = 0; u < counts.length; u++) target[u] = Number(counts[u]) / Number(mass);
    return;
  }
  let best = 0;
  for (let u = 1; u < counts.length; u++) if (counts[u]! > counts[best]!) best = u;
  target.fill(0);
  target[best] = 1;
}
