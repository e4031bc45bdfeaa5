import type { BasketEntry } from '../baskets/basket-table.ts';
import type { Address } from '../wasm/address.ts';
import type { KernelMemory } from '../wasm/memory.ts';

/** Slots that are not taken. */
const none = -1;

/** Scatters a column number (MurmurHash3's finaliser). */
function scatter(column: number, seed: number): number {
  let h = (column + 1 + Math.imul(seed, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A set of columns as 64 bits: two sums of scattered columns, so that adding or taking away a column is one addition. Two of the
 * ten million different sets that a bank may have collide with a chance of about 3 in a million.
 */
export class Fingerprint {
  low = 0;
  high = 0;

  /** Makes it that of the empty set. */
  clear(): void {
    this.low = 0;
    this.high = 0;
  }

  /** Adds a column to the set. */
  add(column: number): void {
    this.low = (this.low + scatter(column, 1)) | 0;
    this.high = (this.high + scatter(column, 2)) | 0;
  }

  /** Takes a column out of the set. */
  remove(column: number): void {
    this.low = (this.low - scatter(column, 1)) | 0;
    this.high = (this.high - scatter(column, 2)) | 0;
  }

  /** Makes it that of the columns of a basket that are below `products`. */
  set(basket: readonly BasketEntry[], products: number): void {
    this.clear();
    for (let i = 0; i < basket.length; i++) if (basket[i]!.column < products) this.add(basket[i]!.column);
  }
}

/** Counts by (set of columns, column): how many customers of exactly this set have, or took, that column. Flat arrays: 36 bytes a count. */
export class BasketIndex {
  #keys = new Int32Array(2 * 1024);
  #heads = new Int32Array(1024).fill(none);
  #sets = 0;
  #next = new Int32Array(1024);
  #column = new Uint32Array(1024);
  #count = new Float64Array(1024);
  #counts = 0;
  /** As kernels take it; absent until they do, and once it changed. */
  #packed: { slots: Uint32Array; counts: Float64Array } | undefined;

  /** Adds to the count of `column` under `set`. */
  add({ low, high }: Fingerprint, column: number, count: number): void {
    this.#add(low, high, column, count);
  }

  #add(low: number, high: number, column: number, count: number): void {
    this.#packed = undefined;
    if (this.#sets * 2 >= this.#heads.length) this.#growSets();
    const slot = this.#slot(low, high);
    if (this.#heads[slot] === none) {
      this.#keys[slot * 2] = low;
      this.#keys[slot * 2 + 1] = high;
      this.#sets++;
    }
    for (let at = this.#heads[slot]!; at !== none; at = this.#next[at]!) {
      if (this.#column[at] === column) {
        this.#count[at]! += count;
        return;
      }
    }
    if (this.#counts === this.#count.length) this.#growCounts();
    this.#column[this.#counts] = column;
    this.#count[this.#counts] = count;
    this.#next[this.#counts] = this.#heads[slot]!;
    this.#heads[slot] = this.#counts++;
  }

  /** Number of counts: their places are 0 to one less. */
  get size(): number {
    return this.#counts;
  }

  /** Place of the first count under a set; below 0 where there is none. */
  first({ low, high }: Fingerprint): number {
    return this.#heads[this.#slot(low, high)]!;
  }

  /** Place of the count after one of the same set; below 0 after the last. */
  after(place: number): number {
    return this.#next[place]!;
  }

  columnAt(place: number): number {
    return this.#column[place]!;
  }

  countAt(place: number): number {
    return this.#count[place]!;
  }

  /** Copies it into kernel memory, as assembly/score-counts.ts takes it; `mask` is no address. */
  store(memory: KernelMemory): { mask: number; slots: Address; counts: Address } {
    this.#packed ??= this.#pack();
    const { slots, counts } = this.#packed;
    return { mask: this.#heads.length - 1, slots: memory.store(slots), counts: memory.store(counts) };
  }

  /** Slots of four words, set (low, high) and its counts, from .. to (0 .. 0: not taken); counts as f64 (column, count), those of a set in their order. */
  #pack(): { slots: Uint32Array; counts: Float64Array } {
    const slots = new Uint32Array(this.#heads.length * 4);
    const counts = new Float64Array(this.#counts * 2);
    let to = 0;
    for (let slot = 0; slot < this.#heads.length; slot++) {
      const from = to;
      for (let at = this.#heads[slot]!; at !== none; at = this.#next[at]!, to++) {
        counts[to * 2] = this.#column[at]!;
        counts[to * 2 + 1] = this.#count[at]!;
      }
      if (to === from) continue;
      slots[slot * 4] = this.#keys[slot * 2]!;
      slots[slot * 4 + 1] = this.#keys[slot * 2 + 1]!;
      slots[slot * 4 + 2] = from;
      slots[slot * 4 + 3] = to;
    }
    return { slots, counts };
  }

  /** All counts, as lines of (low, high, column, count): what a model file holds. */
  toMatrix(): Float64Array {
    const lines = new Float64Array(this.#counts * 4);
    let line = 0;
    for (let slot = 0; slot < this.#heads.length; slot++) {
      for (let at = this.#heads[slot]!; at !== none; at = this.#next[at]!) {
        lines[line++] = this.#keys[slot * 2]!;
        lines[line++] = this.#keys[slot * 2 + 1]!;
        lines[line++] = this.#column[at]!;
        lines[line++] = this.#count[at]!;
      }
    }
    return lines;
  }

  /** The index that `toMatrix` wrote down. */
  static fromMatrix(lines: Float64Array | Float32Array): BasketIndex {
    const index = new BasketIndex();
    index.#makeRoom(lines.length / 4, setsOf(lines));
    for (let i = 0; i < lines.length; i += 4) index.#add(lines[i]!, lines[i + 1]!, lines[i + 2]!, lines[i + 3]!);
    return index;
  }

  /** Takes room for so many counts at once, where there are none yet. */
  #makeRoom(counts: number, sets: number): void {
    let size = this.#count.length;
    while (size < counts) size *= 2;
    [this.#next, this.#column, this.#count] = [new Int32Array(size), new Uint32Array(size), new Float64Array(size)];
    let slots = this.#heads.length;
    while (slots <= sets * 2) slots *= 2;
    [this.#keys, this.#heads] = [new Int32Array(slots * 2), new Int32Array(slots).fill(none)];
  }

  #slot(low: number, high: number): number {
    const mask = this.#heads.length - 1;
    let slot = (low ^ Math.imul(high, 0x9e3779b9)) & mask;
    while (this.#heads[slot] !== none && (this.#keys[slot * 2] !== low || this.#keys[slot * 2 + 1] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #growSets(): void {
    const [keys, heads] = [this.#keys, this.#heads];
    this.#keys = new Int32Array(keys.length * 2);
    this.#heads = new Int32Array(heads.length * 2).fill(none);
    for (let old = 0; old < heads.length; old++) {
      if (heads[old] === none) continue;
      const slot = this.#slot(keys[old * 2]!, keys[old * 2 + 1]!);
      this.#keys[slot * 2] = keys[old * 2]!;
      this.#keys[slot * 2 + 1] = keys[old * 2 + 1]!;
      this.#heads[slot] = heads[old]!;
    }
  }

  #growCounts(): void {
    const size = this.#counts * 2;
    this.#next = grown(this.#next, new Int32Array(size));
    this.#column = grown(this.#column, new Uint32Array(size));
    this.#count = grown(this.#count, new Float64Array(size));
  }
}

/** Sets of lines of (low, high, column, count), those of a set one after the other. */
function setsOf(lines: Float64Array | Float32Array): number {
  let sets = 0;
  for (let i = 0; i < lines.length; i += 4) {
    if (i === 0 || lines[i] !== lines[i - 4] || lines[i + 1] !== lines[i - 3]) sets++;
  }
  return sets;
}

function grown<T extends Int32Array | Uint32Array | Float64Array>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}
