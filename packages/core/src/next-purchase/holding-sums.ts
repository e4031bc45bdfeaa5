import type { BasketEntry } from '../baskets/basket-table.ts';
import type { KernelPool } from '../wasm/pool.ts';
import type { AdditivePart } from './additive-part.ts';

/** A member's scores as sums over what is held, of a weight times a line of a matrix. */
export interface HoldingSums {
  /** f64[columns x columns], row-major: a line for each column that may be held. */
  matrix: Float64Array;
  /** Weights of the entries of each basket, in their order. */
  weightsOf(baskets: readonly (readonly BasketEntry[])[]): Promise<Float64Array[]>;
}

/** The sums that a part is; null: it is none. */
export function holdingSums(part: AdditivePart, pool: KernelPool): HoldingSums | null {
  if (part.of === 'als') return { matrix: part.model.hat(), weightsOf: (baskets) => part.model.entryWeightsOf(pool, baskets) };
  if (part.of !== 'linear') return null;
  return {
    matrix: part.matrix,
    weightsOf: async (baskets) => baskets.map((basket) => Float64Array.from(basket, ({ band }) => part.value[band]!)),
  };
}
