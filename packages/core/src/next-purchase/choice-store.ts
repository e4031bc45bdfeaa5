import type { Address } from '../wasm/address.ts';
import type { KernelPool } from '../wasm/pool.ts';
import type { ChoiceSet } from './choice-problem.ts';

/** Choice sets of a window in kernel memory. */
export interface StoredSets {
  sets: number;
  /** u32[sets + 1]: start of each set's candidates. */
  start: Address;
  /** u32[candidates]. */
  product: Address;
  /** f64[candidates + 1 x stride]. */
  score: Address;
  /** Components, rounded up to pairs. */
  stride: number;
  /** Candidates of the largest set, rounded up to pairs. */
  room: number;
}

/** Choice sets of windows in kernel memory, each stored once for all fits: as long as the caller's mark. */
export class ChoiceStore {
  readonly pool: KernelPool;
  readonly #stored = new Map<readonly ChoiceSet[], StoredSets>();

  constructor(pool: KernelPool) {
    this.pool = pool;
  }

  /** The sets of a window, for any grouping of its choices. */
  of(sets: readonly ChoiceSet[], members: number): StoredSets {
    const found = this.#stored.get(sets) ?? this.#store(sets, members);
    this.#stored.set(sets, found);
    return found;
  }

  #store(sets: readonly ChoiceSet[], members: number): StoredSets {
    const { memory } = this.pool;
    const start = new Uint32Array(sets.length + 1);
    for (const [s, { products }] of sets.entries()) start[s + 1] = start[s]! + products.length;
    const candidates = start[sets.length]!;
    const stride = members + (members % 2);
    const stored = {
      ...{ sets: sets.length, start: memory.store(start), product: memory.allocate(candidates * 4) },
      ...{ score: memory.allocate((candidates + 1) * stride * 8), stride },
    };
    const product = memory.u32(stored.product, candidates);
    const score = memory.f64(stored.score, (candidates + 1) * stride);
    let widest = 0;
    for (const [s, { products, scores }] of sets.entries()) {
      product.set(products, start[s]!);
      widest = Math.max(widest, products.length);
      if (stride === members) score.set(scores, start[s]! * stride);
      else
        for (let c = 0; c < products.length; c++) copyPaddedLine(scores, c * members, members, score, (start[s]! + c) * stride);
    }
    score.fill(0, candidates * stride);
    return { ...stored, room: widest + (widest % 2) };
  }
}

/** A row of an odd number of values, padded with a zero. */
function copyPaddedLine(from: Float64Array, at: number, length: number, to: Float64Array, place: number): void {
  for (let i = 0; i < length; i++) to[place + i] = from[at + i]!;
  to[place + length] = 0;
}
