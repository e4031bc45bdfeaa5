import { type HoldingBatch, type Product, required } from '@basketwise/core/parts';

/** Purchasers of products, by equivalence group. */
interface GroupCounts {
  customers: number;
  /** Customers with a recent purchase, f64[groups]. */
  recent: Float64Array;
}

/** Holders of an equivalence group, by its key. */
export interface GroupHolders {
  group: string;
  held: number;
}

/** Customers per cluster, by scheme. If holdings are counted here, also the cluster of each customer, or -1. */
export type PopularitySchemes = ReadonlyMap<string, { sizes: readonly number[]; clusters?: Int16Array }>;

/** Popularity by which lists are filled up: last year's purchases of a cluster's customers, or of all customers. */
export class RecentPopularity {
  readonly #groupOf: Int32Array;
  readonly #keys: readonly string[];
  readonly #since: number;
  readonly #schemes: PopularitySchemes;
  readonly #all: GroupCounts;
  /** Customers who hold each group, purchased at any time. */
  readonly #held: Float64Array;
  readonly #byCluster = new Map<string, GroupCounts[]>();
  readonly #lastRecent: Int32Array;
  readonly #lastHeld: Int32Array;

  /** @param since first day of recent purchases, in days since 1970-01-01 */
  constructor(products: readonly Product[], since: number, customers: number, schemes: PopularitySchemes) {
    const keys = new Map<string, number>();
    this.#groupOf = Int32Array.from(products, ({ groupKey }) => {
      if (!keys.has(groupKey)) keys.set(groupKey, keys.size);
      return required(keys, groupKey);
    });
    this.#keys = [...keys.keys()];
    this.#since = since;
    this.#schemes = schemes;
    const counts = (total: number): GroupCounts => ({ customers: total, recent: new Float64Array(keys.size) });
    this.#all = counts(customers);
    this.#held = new Float64Array(keys.size);
    this.#lastRecent = new Int32Array(keys.size).fill(-1);
    this.#lastHeld = new Int32Array(keys.size).fill(-1);
    for (const [name, { sizes }] of schemes) this.#byCluster.set(name, Array.from(sizes, counts));
  }

  /** Adds counts made elsewhere: holders of a product's group, and holders with a recent purchase. */
  addCounted(product: number, held: number, recent: number): void {
    const group = this.#groupOf[product]!;
    this.#held[group]! += held;
    this.#all.recent[group]! += recent;
  }

  /** Adds counts made elsewhere: customers of a cluster with a recent purchase of a product's group. */
  addCountedOf(scheme: string, cluster: number, product: number, recent: number): void {
    required(this.#byCluster, scheme)[cluster]!.recent[this.#groupOf[product]!]! += recent;
  }

  /** Counts holdings, which must be ordered by customer. Each customer counts once per group. */
  add({ customer, product, days }: HoldingBatch): void {
    const schemes = [...this.#schemes].map(([name, { clusters }]) => ({ clusters, counts: required(this.#byCluster, name) }));
    for (let i = 0; i < customer.length; i++) {
      const who = customer[i]!;
      const group = this.#groupOf[product[i]!]!;
      if (this.#lastHeld[group] !== who) {
        this.#lastHeld[group] = who;
        this.#held[group]!++;
      }
      if (days[i]! < this.#since || this.#lastRecent[group] === who) continue;
      this.#lastRecent[group] = who;
      this.#all.recent[group]!++;
      for (const { clusters, counts } of schemes) {
        const cluster = clusters?.[who] ?? -1;
        if (cluster >= 0) counts[cluster]!.recent[group]!++;
      }
    }
  }

  /** Customers who hold each equivalence group, in the order of its first product. */
  holders(): GroupHolders[] {
    return this.#keys.map((group, i) => ({ group, held: this.#held[i]! }));
  }

  /**
   * Sorts group keys by falling popularity among the customers of a cluster. Each gets its score: the share of these customers
   * who purchased it in the last year.
   * Ties: more recent purchasers among all customers, more holders among all, lower code.
   */
  ranked(keys: Iterable<string>, scheme: string | null, cluster: number): { key: string; score: number }[] {
    const context = (scheme !== null && cluster >= 0 && this.#byCluster.get(scheme)?.[cluster]) || this.#all;
    const positions = new Map(this.#keys.map((key, i) => [key, i]));
    const order = [...keys]
      .map((key) => required(positions, key))
      .sort((a, b) => {
        for (const counts of [context.recent, this.#all.recent, this.#held])
          if (counts[a] !== counts[b]) return counts[b]! - counts[a]!;
        return a - b;
      });
    return order.map((group) => ({
      key: this.#keys[group]!,
      score: context.customers === 0 ? 0 : Math.fround(context.recent[group]! / context.customers),
    }));
  }
}
