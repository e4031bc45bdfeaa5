import { type HoldingBatch, type Product, required } from '@basketwise/core';

/** Number of purchasers of each equivalence group, among a set of customers. */
interface GroupCounts {
  customers: number;
  /** Number of customers with a recent purchase, f64[groups]. */
  recent: Float64Array;
}

/** Number of holders of an equivalence group; `group` is the group's key. */
export interface GroupHolders {
  group: string;
  held: number;
}

/** Number of customers of each cluster, by scheme. `clusters` is the cluster of each customer, or -1. It is set if `add` counts holdings. */
export type PopularitySchemes = ReadonlyMap<string, { sizes: readonly number[]; clusters?: Int16Array }>;

/** Popularity that orders the backfill: the share of a cluster's customers, or of all customers, who purchased a product in the last year. */
export class RecentPopularity {
  readonly #groupOf: Int32Array;
  readonly #keys: readonly string[];
  readonly #since: number;
  readonly #schemes: PopularitySchemes;
  readonly #all: GroupCounts;
  /** Number of customers who hold each group, f64[groups], regardless of the day of purchase. */
  readonly #held: Float64Array;
  readonly #byCluster = new Map<string, GroupCounts[]>();
  readonly #lastRecent: Int32Array;
  readonly #lastHeld: Int32Array;

  /** @param since first day of the recent period, in days since 1970-01-01 */
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

  /** Adds counts made outside this class: the holders of a product's equivalence group (`held`), and those with a recent purchase (`recent`). */
  addCounted(product: number, held: number, recent: number): void {
    const group = this.#groupOf[product]!;
    this.#held[group]! += held;
    this.#all.recent[group]! += recent;
  }

  /** Adds a count made outside this class: the customers of a cluster with a recent purchase of a product's equivalence group. */
  addCountedOf(scheme: string, cluster: number, product: number, recent: number): void {
    required(this.#byCluster, scheme)[cluster]!.recent[this.#groupOf[product]!]! += recent;
  }

  /** Counts holdings, which must be ordered by customer. A customer counts once per group. */
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

  /** Number of holders of each equivalence group. Groups are ordered by their first product. */
  holders(): GroupHolders[] {
    return this.#keys.map((group, i) => ({ group, held: this.#held[i]! }));
  }

  /**
   * Sorts group keys by falling popularity among the customers of a cluster. A key's score is the share of these customers who purchased the group in
   * the last year. Ties are broken by more recent purchasers among all customers, then by more holders, then by the lower product code.
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
