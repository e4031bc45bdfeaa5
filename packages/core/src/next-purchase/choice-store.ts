import type { Address } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';
import type { ChoiceSet } from './choice-problem.ts';

/** Choice sets of a window in kernel memory. */
export interface StoredSets {
  sets: number;
  /** Start of each set's candidates, u32[sets + 1]. */
  start: Address;
  /** Product of each candidate, u32[candidates]. */
  product: Address;
  /** Scores of each candidate, one per component, f64[(candidates + 1) x stride]. The last row is 0. */
  score: Address;
  /** Number of components, rounded up to a multiple of 2. */
  stride: number;
  /** Number of candidates of the largest set, rounded up to a multiple of 2. */
  room: number;
}

/** Choice sets of windows in kernel memory, stored once for all fits. The caller releases the memory. */
export class ChoiceStore {
  readonly pool: KernelPool;
  readonly #stored = new Map<readonly ChoiceSet[], StoredSets>();

  constructor(pool: KernelPool) {
    this.pool = pool;
  }

  /** Stored choice sets of a window. They do not depend on the classes by which its choices are counted. */
  of(sets: readonly ChoiceSet[], members: number): StoredSets {
    const stored = this.#stored.get(sets) ?? this.#store(sets, members);
    this.#stored.set(sets, stored);
    return stored;
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

/** Copies a row of `length` values and appends a zero. */
function copyPaddedLine(from: Float64Array, at: number, length: number, to: Float64Array, place: number): void {
  for (let i = 0; i < length; i++) to[place + i] = from[at + i]!;
  to[place + length] = 0;
}
