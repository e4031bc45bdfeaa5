/** Medians are exact up to this many customers, and those of an even sample of at least half as many beyond. */
const medianSample = 200_000;

/** Sums of one column per cluster: of the scaled feature and of the raw values. */
export class NumberTally {
  readonly #scaled: Moments[];
  readonly #raw: Moments[];
  readonly #samples: number[][];
  readonly #stride: number;
  #seen = 0;

  constructor(k: number, customers: number) {
    this.#scaled = Array.from({ length: k }, () => new Moments());
    this.#raw = Array.from({ length: k }, () => new Moments());
    this.#samples = Array.from({ length: k }, () => []);
    this.#stride = Math.ceil(customers / medianSample);
  }

  /** Takes a batch: the cluster, the scaled and the raw value of each row; rows marked in `missing` have no raw value. */
  add(cluster: ArrayLike<number>, scaled: Float64Array, raw: Float64Array, missing: Uint8Array | undefined): void {
    for (let i = 0; i < cluster.length; i++) {
      const own = cluster[i]!;
      this.#scaled[own]!.add(scaled[i]!);
      const sampled = this.#seen++ % this.#stride === 0;
      if (missing?.[i] === 1) continue;
      this.#raw[own]!.add(raw[i]!);
      if (sampled) this.#samples[own]!.push(raw[i]!);
    }
  }

  /** Eta squared of the scaled feature: the share of the variance that lies between the clusters. */
  explained(): number {
    return between(this.#scaled);
  }

  /** Eta squared of the raw values. */
  explainedRaw(): number {
    return between(this.#raw);
  }

  /** Mean of all, then per cluster; NaN where there are no values. */
  means(): number[] {
    const count = this.#raw.reduce((sum, moments) => sum + moments.count, 0);
    const sum = this.#raw.reduce((total, { count: n, mean }) => total + n * mean, 0);
    return [sum / count, ...this.#raw.map(({ count: n, mean }) => (n === 0 ? Number.NaN : mean))];
  }

  /** Sampled values of all, then per cluster. */
  samples(): number[][] {
    return [this.#samples.flat(), ...this.#samples];
  }
}

/** Mean and sum of squares around it, updated value by value (Welford). */
class Moments {
  count = 0;
  mean = 0;
  squares = 0;

  add(value: number): void {
    this.count++;
    const apart = value - this.mean;
    this.mean += apart / this.count;
    this.squares += apart * (value - this.mean);
  }
}

function between(groups: readonly Moments[]): number {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const mean = groups.reduce((sum, group) => sum + group.count * group.mean, 0) / count;
  const inside = groups.reduce((sum, group) => sum + group.squares, 0);
  const apart = groups.reduce((sum, group) => sum + group.count * (group.mean - mean) ** 2, 0);
  return apart + inside === 0 ? 0 : apart / (apart + inside);
}

/** The middle value, the lower of two; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return Float64Array.from(values).sort()[(values.length - 1) >> 1]!;
}

/** Customers per cluster and category of one column. */
export class CategoryTally {
  readonly #categories: number;
  readonly #counts: Float64Array[];

  constructor(k: number, categories: number) {
    this.#categories = categories;
    this.#counts = Array.from({ length: k }, () => new Float64Array(categories));
  }

  add(cluster: ArrayLike<number>, codes: ArrayLike<number>): void {
    for (let i = 0; i < cluster.length; i++) this.#counts[cluster[i]!]![codes[i]!]!++;
  }

  /** Counts of all, then per cluster. */
  groups(): Float64Array[] {
    const all = new Float64Array(this.#categories).map((_, code) => this.#counts.reduce((sum, counts) => sum + counts[code]!, 0));
    return [all, ...this.#counts];
  }

  /** Cramer's V: the root of chi squared over its largest possible value; 0 where there is one category or one cluster only. */
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
