import { required } from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';

/** Weight of a product without holders, in customers. */
const leastHolders = 0.5;

/** Shares of products among the holders of all candidates that a customer does not hold. Valid until kernel memory is allocated. */
export class PopularShares {
  /** Weight of each column; 0 if it cannot be recommended. */
  readonly #weight: Float64Array;
  readonly #columnOf = new Map<number, number>();
  readonly #total: number;
  readonly #start: Uint32Array;
  readonly #entry: Uint32Array;

  /** @param holders customers who hold a product, by group key */
  constructor({ table, columns }: CampaignTable, holders: Readonly<Record<string, number>>) {
    this.#weight = Float64Array.from(table.columns, (key, column) => {
      const product = columns.recommended.get(key);
      if (product === undefined) return 0;
      this.#columnOf.set(product, column);
      return Math.max(leastHolders, holders[key] ?? 0);
    });
    this.#total = this.#weight.reduce((sum, weight) => sum + weight, 0);
    this.#start = table.memory.u32(table.start, table.rows + 1);
    this.#entry = table.memory.u32(table.entry, table.entries);
  }

  /** Weight of a product, in customers. */
  weightOf(product: number): number {
    return this.#weight[required(this.#columnOf, product)]!;
  }

  /** Weight of all candidates that a row's customers do not hold. */
  remaining(row: number): number {
    let total = this.#total;
    for (let at = this.#start[row]!; at < this.#start[row + 1]!; at++) total -= this.#weight[this.#entry[at]! >>> 8]!;
    return total;
  }
}
