import type { BasketEntry } from '../baskets/basket-table.ts';
import type { KernelPool } from '../wasm/pool.ts';
import type { AdditivePart } from './additive-part.ts';

/** A part that is a sum over held products. */
type SummedPart = Extract<AdditivePart, { of: 'linear' | 'als' }>;

/** A component's scores as sums over held products of a weight times a matrix row. */
export interface HoldingSums {
  /** f64[columns x columns], row-major: a row for each column that may be held. */
  matrix: Float64Array;
  /** Weights of the entries of each basket, in their order. */
  weightsOf(baskets: readonly (readonly BasketEntry[])[]): Promise<Float64Array[]>;
}

/** Whether a part is a sum over held products. */
export function isSummed(part: AdditivePart): part is SummedPart {
  return part.of === 'linear' || part.of === 'als';
}

/** The sums of a part. */
export function holdingSums(part: SummedPart, pool: KernelPool): HoldingSums {
  if (part.of === 'als') return { matrix: part.model.hat(), weightsOf: (baskets) => part.model.entryWeightsOf(pool, baskets) };
  return {
    matrix: part.matrix,
    weightsOf: async (baskets) => baskets.map((basket) => Float64Array.from(basket, ({ band }) => part.value[band]!)),
  };
}
