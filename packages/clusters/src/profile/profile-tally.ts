/** Largest number of customers for exact medians. With more, medians come from an even sample of at least half this number. */
const medianSample = 200_000;

/** Positions of the sums of a cluster in its row of 8 numbers (one cache line). */
const places = { count: 0, sum: 1, squares: 2, sizes: 3, largest: 4 } as const;
const rowWidth = 8;

/** Sums of a raw column by cluster, from which its profile is computed. */
export class NumberTally {
  readonly #k: number;
  /**
   * One row per cluster, f64[clusters x 8], see `places`. It has the number of values, the sum of their differences from the
   * origin, the sum of the squared differences, the sum of absolute values, and the largest absolute value.
   */
  readonly #rows: Float64Array;
  readonly #stride: number;
  /** Sampled values, f64[sampled customers]; `#owner` has the cluster of each. */
  readonly #sample: Float64Array;
  readonly #owner: Uint16Array;
  #sampled = 0;
  /** Value that is subtracted before summing. It is near the values, so that squares do not lose digits. */
  #origin: number | undefined;
  #seen = 0;

  constructor(k: number, customers: number) {
    this.#k = k;
    this.#rows = new Float64Array(k * rowWidth);
    this.#stride = Math.ceil(customers / medianSample);
    const sampled = Math.ceil(customers / this.#stride);
    this.#sample = new Float64Array(sampled);
    this.#owner = new Uint16Array(sampled);
  }

  /** Adds a batch of rows, with the cluster and the value of each. Rows marked in `missing` have no value. */
  add(cluster: Uint16Array, values: Float64Array, missing: Uint8Array | undefined): void {
    const rows = this.#rows;
    this.#origin ??= values.find((_, i) => missing?.[i] !== 1);
    const origin = this.#origin ?? 0;
    for (let i = 0; i < cluster.length; i++) {
      if (missing !== undefined && missing[i] === 1) continue;
      const row = cluster[i]! * rowWidth;
      const value = values[i]!;
      const apart = value - origin;
      const size = Math.abs(value);
      rows[row + places.count]!++;
      rows[row + places.sum]! += apart;
      rows[row + places.squares]! += apart * apart;
      rows[row + places.sizes]! += size;
      if (size > rows[row + places.largest]!) rows[row + places.largest] = size;
    }
    const first = (this.#stride - (this.#seen % this.#stride)) % this.#stride;
    for (let i = first; i < cluster.length; i += this.#stride) {
      if (missing?.[i] === 1) continue;
      this.#sample[this.#sampled] = values[i]!;
      this.#owner[this.#sampled++] = cluster[i]!;
    }
    this.#seen += cluster.length;
  }

  /** Eta squared: the share of the variance that lies between clusters, 0 to 1. */
  explained(): number {
    const sums = this.#column('sum');
    const total = this.#column('squares').reduce((a, b) => a + b, 0) - square(sums) / this.#total();
    return explainedShare(this.#column('count'), sums, total);
  }

  /** Number of values: of all customers, then of each cluster. */
  known(): number[] {
    return [this.#total(), ...this.#column('count')];
  }

  /**
   * Largest absolute value as a share of the sum of absolute values: of all customers, then of each cluster. 0 if all values are
   * 0.
   */
  largestShares(): number[] {
    const share = (largest: number, sum: number) => (sum > 0 ? largest / sum : 0);
    const [sizes, largest] = [this.#column('sizes'), this.#column('largest')];
    const sum = sizes.reduce((a, b) => a + b, 0);
    return [share(Math.max(...largest), sum), ...Array.from(largest, (own, j) => share(own, sizes[j]!))];
  }

  /** Mean: of all customers, then of each cluster. NaN without values. */
  means(): number[] {
    const origin = this.#origin ?? Number.NaN;
    const [count, sum] = [this.#column('count'), this.#column('sum')];
    const all = sum.reduce((a, b) => a + b, 0) / this.#total();
    return [all, ...Array.from(sum, (own, j) => own / count[j]!)].map((mean) => mean + origin);
  }

  /** Median of the sampled values: of all customers, then of each cluster. NaN without values. */
  medians(): number[] {
    const all = this.#sample.subarray(0, this.#sampled);
    const sizes = new Uint32Array(this.#k);
    for (let i = 0; i < all.length; i++) sizes[this.#owner[i]!]!++;
    const groups = Array.from(sizes, (size) => new Float64Array(size));
    for (let i = all.length - 1; i >= 0; i--) {
      const own = this.#owner[i]!;
      groups[own]![--sizes[own]!] = all[i]!;
    }
    return [all.slice(), ...groups].map(medianIn);
  }

  #total(): number {
    return this.#column('count').reduce((a, b) => a + b, 0);
  }

  /** One of the sums, f64[clusters]. */
  #column(name: keyof typeof places): Float64Array {
    return Float64Array.from({ length: this.#k }, (_, j) => this.#rows[j * rowWidth + places[name]]!);
  }
}

function square(sums: Float64Array): number {
  return sums.reduce((a, b) => a + b, 0) ** 2;
}

/**
 * Eta squared, the share of the variance that lies between clusters. 0 for a constant.
 * @param counts number of values of each cluster
 * @param sums sum of each cluster's values
 * @param squares sum of the squared differences of all values from their mean
 */
export function explainedShare(counts: Float64Array, sums: Float64Array, squares: number): number {
  const count = counts.reduce((a, b) => a + b, 0);
  const mean = sums.reduce((a, b) => a + b, 0) / count;
  const apart = counts.reduce((total, n, j) => (n > 0 ? total + n * (sums[j]! / n - mean) ** 2 : total), 0);
  return squares > 0 ? Math.min(1, apart / squares) : 0;
}

/** Lower median; NaN without values. The function reorders the values, because it partitions them (Hoare 1961). */
function medianIn(found: Float64Array): number {
  const middle = (found.length - 1) >> 1;
  let [low, high] = [0, found.length - 1];
  while (low < high) {
    const pivot = found[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (found[i]! < pivot) i++;
      while (found[j]! > pivot) j--;
      if (i > j) break;
      const value = found[i]!;
      found[i++] = found[j]!;
      found[j--] = value;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else break;
  }
  return found[middle] ?? Number.NaN;
}

/** Number of customers by cluster and category of one column. */
export class CategoryTally {
  readonly #counts: readonly Float64Array[];

  /** @param counts for each cluster, the number of customers by category */
  constructor(counts: readonly Float64Array[]) {
    this.#counts = counts;
  }

  /** Customers by category: of all clusters, then of each cluster. A cluster with `isShown` false counts as empty. */
  groups(isShown: readonly boolean[] = []): Float64Array[] {
    const counts = this.#counts.map((own, cluster) => (isShown[cluster] === false ? own.map(() => 0) : own));
    const all = counts[0]!.map((_, code) => counts.reduce((sum, own) => sum + own[code]!, 0));
    return [all, ...counts];
  }

  /** Cramer's V: the root of chi squared over its largest possible value. 0 with only one category or cluster. */
  cramersV(): number {
    const [all, ...clusters] = this.groups() as [Float64Array, ...Float64Array[]];
    const total = all.reduce((sum, count) => sum + count, 0);
    let chi = 0;
    for (const counts of clusters) {
      const size = counts.reduce((sum, count) => sum + count, 0);
      counts.forEach((count, code) => {
        const expected = (size * all[code]!) / total;
        if (expected > 0) chi += (count - expected) ** 2 / expected;
      });
    }
    const used = all.filter((count) => count > 0).length;
    const filled = clusters.filter((counts) => counts.some((count) => count > 0)).length;
    const freedom = Math.min(used, filled) - 1;
    return freedom <= 0 ? 0 : Math.sqrt(chi / total / freedom);
  }
}
