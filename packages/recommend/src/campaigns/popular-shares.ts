import { type BasketTable, required } from '@basketwise/core/parts';
import type { CampaignTable } from './baskets.ts';

/** Weight of a product that has no holders, in customers. */
const leastHolders = 0.5;

/**
 * Returns a function from a row to the sum of `values` (f64[columns]) over the columns in the row's basket. The function is valid until kernel memory
 * is allocated.
 */
export function heldSums({ memory, start, rows, entry, entries }: BasketTable, values: Float64Array): (row: number) => number {
  const [starts, packed] = [memory.u32(start, rows + 1), memory.u32(entry, entries)];
  return (row) => {
    let sum = 0;
    for (let at = starts[row]!; at < starts[row + 1]!; at++) sum += values[packed[at]! >>> 8]!;
    return sum;
  };
}

/** Weights of the candidates in backfill: their numbers of holders. Valid until kernel memory is allocated. */
export class PopularShares {
  /** Weight of each column, f64[columns]. 0 for columns that cannot be recommended. */
  readonly #weight: Float64Array;
  readonly #columnOf = new Map<number, number>();
  readonly #total: number;
  readonly #held: (row: number) => number;

  /** @param holders number of customers who hold a product, by group key */
  constructor({ table, columns }: CampaignTable, holders: Readonly<Record<string, number>>) {
    this.#weight = Float64Array.from(table.columns, (key, column) => {
      const product = columns.recommended.get(key);
      if (product === undefined) return 0;
      this.#columnOf.set(product, column);
      return Math.max(leastHolders, holders[key] ?? 0);
    });
    this.#total = this.#weight.reduce((sum, weight) => sum + weight, 0);
    this.#held = heldSums(table, this.#weight);
  }

  /** Weight of a product: its number of holders, at least `leastHolders`. */
  weightOf(product: number): number {
    return this.#weight[required(this.#columnOf, product)]!;
  }

  /** Sum of the weights of the candidates that a row's customers do not hold. */
  remaining(row: number): number {
    return this.#total - this.#held(row);
  }
}
