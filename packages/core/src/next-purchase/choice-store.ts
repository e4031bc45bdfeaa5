import type { Address } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';

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

/** Candidates for the customers with one basket, and the score of each candidate by each component. */
export interface ChoiceSet {
  /** Product number of each candidate, 0 to products - 1. */
  products: Uint32Array;
  /** Scores, f64[candidates x components], row-major. */
  scores: Float64Array;
  /** Tier of the customers with the basket (see `tierOf`). Default 0. */
  tier?: number;
}

/** Choices of the customers with one basket and one combination of feature levels. */
export interface ChoiceCell {
  /** Position of the choice set in the window. */
  set: number;
  /** Feature levels of the customers, numbered over all features: at most one level per feature. Empty without features. */
  levels: readonly number[];
  /** Number of choices of each candidate, as a sum of customer weights, f64[candidates]. */
  taken: Float64Array;
}

/** Choices made in one window. */
export interface ChoiceWindow {
  sets: readonly ChoiceSet[];
  cells: readonly ChoiceCell[];
}

/** Levels of a feature, numbered over all features: `first` to `first + shares.length - 1`. */
export interface LevelRange {
  first: number;
  /** Share of the customers with each level. Effects are centred on their mean under these shares; shares of 0 leave them unchanged. */
  shares: readonly number[];
}

/** Training data of a conditional logit. */
export interface ChoiceProblem {
  /** Windows in which the choices were made. */
  windows: readonly ChoiceWindow[];
  members: number;
  /** Number of products with separate effects of features. */
  products: number;
  features: readonly LevelRange[];
}
