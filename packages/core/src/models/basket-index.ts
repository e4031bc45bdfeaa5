import type { BasketEntry } from '../baskets/basket-table.ts';
import { fmix32 } from '../numbers/random.ts';
import type { Address, KernelMemory } from '../wasm/memory.ts';

/** Mark of a slot that no set uses. */
const noCount = -1;

/** Hashes a column number to a signed 32-bit number. */
function scatter(column: number, seed: number): number {
  return fmix32(column + 1 + Math.imul(seed, 0x9e3779b9)) | 0;
}

/** Cache of both hashes of each column, two words per column. A fit looks up the same few columns millions of times. */
let scattered = new Int32Array(0);

/** Position of the column in `scattered`. */
function scatteredAt(column: number): number {
  if (column * 2 >= scattered.length) {
    scattered = new Int32Array(Math.max(1024, column * 4));
    for (let at = 0; at < scattered.length; at++) scattered[at] = scatter(at >> 1, 1 + (at & 1));
  }
  return column * 2;
}

/**
 * Set of columns as 64 bits: two sums of column hashes. Adding or removing a column takes one addition.
 * Among ten million different sets, the probability of a collision is about 3 in a million.
 */
export class Fingerprint {
  low = 0;
  high = 0;

  /** Removes all columns. */
  clear(): void {
    this.low = 0;
    this.high = 0;
  }

  /** Adds a column to the set. */
  add(column: number): void {
    const at = scatteredAt(column);
    this.low = (this.low + scattered[at]!) | 0;
    this.high = (this.high + scattered[at + 1]!) | 0;
  }

  /** Removes a column from the set. */
  remove(column: number): void {
    const at = scatteredAt(column);
    this.low = (this.low - scattered[at]!) | 0;
    this.high = (this.high - scattered[at + 1]!) | 0;
  }

  /** Replaces the set by the columns of a basket that are below `products`. */
  set(basket: readonly BasketEntry[], products: number): void {
    this.clear();
    for (let i = 0; i < basket.length; i++) if (basket[i]!.column < products) this.add(basket[i]!.column);
  }
}

/**
 * Words of a slot: the fingerprint of its set (low, high), the position of its first count, and that of the count last updated.
 */
const slotWords = 4;
const [slotLow, slotHigh, slotHead, slotLast] = [0, 1, 2, 3];

/** Bytes of a count: the count as f64, then two words, the column and the position of the set's next count. */
const countBytes = 16;
const [countColumn, countNext] = [2, 3];

/**
 * Counts for pairs of a set of columns and one more column: the weighted number of customers with exactly this set who also hold,
 * or purchased, this column.
 * The data of a set shares a cache line of the processor. A slot takes 16 bytes, a count 16; there are two to four slots per set.
 */
export class BasketIndex {
  #slots = emptySlots(1024);
  #sets = 0;
  #counts = 0;
  /** The counts, f64. `#words` is a view of the same memory. */
  #numbers = new Float64Array((1024 * countBytes) / 8);
  #words = new Int32Array(this.#numbers.buffer);
  /** Whether the counts are stored in the order of their slots. If not, `#arrange` sorts them before sequential reads. */
  #isInOrder = true;
  /** Copy in the format of the kernels. Absent before the first request, and after each change. */
  #packed: { slots: Uint32Array; counts: Float64Array } | undefined;

  /** Adds to the count of `column` under `set`. */
  add({ low, high }: Fingerprint, column: number, count: number): void {
    this.#add(low, high, column, count);
  }

  #add(low: number, high: number, column: number, count: number): void {
    this.#packed = undefined;
    if (this.#sets * 2 >= this.#slots.length / slotWords) this.#growSets();
    const slot = this.#slot(low, high);
    const head = this.#slots[slot + slotHead]!;
    const place = head === noCount ? noCount : this.#find(head, this.#slots[slot + slotLast]!, column);
    if (place !== noCount) {
      this.#numbers[place * 2]! += count;
      this.#slots[slot + slotLast] = place;
      return;
    }
    if (this.#counts * 2 === this.#numbers.length) this.#makeRoomForCounts(this.#counts * 2);
    const at = this.#counts++;
    this.#numbers[at * 2] = count;
    this.#words[at * 4 + countColumn] = column;
    if (head === noCount) {
      this.#slots[slot + slotLow] = low;
      this.#slots[slot + slotHigh] = high;
      this.#slots[slot + slotHead] = at;
      this.#words[at * 4 + countNext] = noCount;
      this.#sets++;
    } else {
      const last = this.#slots[slot + slotLast]! * 4 + countNext;
      this.#words[at * 4 + countNext] = this.#words[last]!;
      this.#words[last] = at;
    }
    this.#slots[slot + slotLast] = at;
    this.#isInOrder = false;
  }

  /**
   * Position of a column's count among the counts of a set; negative if absent. The search begins at the last found count,
   * because rows come in order: the wanted count is usually this one or the next.
   */
  #find(head: number, last: number, column: number): number {
    let at = last;
    do {
      if (this.#words[at * 4 + countColumn] === column) return at;
      at = this.#words[at * 4 + countNext]!;
      if (at === noCount) at = head;
    } while (at !== last);
    return noCount;
  }

  /** Position of the first count of a set; negative if it has none. */
  first({ low, high }: Fingerprint): number {
    return this.#slots[this.#slot(low, high) + slotHead]!;
  }

  /** Position of the next count of the same set; negative after the last. */
  after(place: number): number {
    return this.#words[place * 4 + countNext]!;
  }

  columnAt(place: number): number {
    return this.#words[place * 4 + countColumn]!;
  }

  countAt(place: number): number {
    return this.#numbers[place * 2]!;
  }

  /** Copies the index into kernel memory, in the format of assembly/scores/counts.ts. `mask` is not an address. */
  store(memory: KernelMemory): { mask: number; slots: Address; counts: Address } {
    this.#packed ??= this.#pack();
    const { slots, counts } = this.#packed;
    return { mask: this.#slots.length / slotWords - 1, slots: memory.store(slots), counts: memory.store(counts) };
  }

  /**
   * Packs the index. Slots have four words: the set (low, high) and the range of its counts (0 to 0: free slot).
   * Counts are pairs of f64 (column, count). Counts of one set stay in their order.
   */
  #pack(): { slots: Uint32Array; counts: Float64Array } {
    this.#arrange();
    const slots = new Uint32Array(this.#slots.length);
    const counts = new Float64Array(this.#counts * 2);
    for (let at = 0; at < this.#counts; at++) {
      counts[at * 2] = this.#words[at * 4 + countColumn]!;
      counts[at * 2 + 1] = this.#numbers[at * 2]!;
    }
    let to = 0;
    for (let slot = 0; slot < slots.length; slot += slotWords) {
      if (this.#slots[slot + slotHead] === noCount) continue;
      slots[slot] = this.#slots[slot + slotLow]!;
      slots[slot + 1] = this.#slots[slot + slotHigh]!;
      slots[slot + 2] = to;
      do to++;
      while (this.#words[(to - 1) * 4 + countNext] !== noCount);
      slots[slot + 3] = to;
    }
    return { slots, counts };
  }

  /** All counts as rows of (low, high, column, count), the format of a model file. */
  toMatrix(): Float64Array {
    this.#arrange();
    const lines = new Float64Array(this.#counts * 4);
    let line = 0;
    for (let slot = 0; slot < this.#slots.length; slot += slotWords) {
      for (let at = this.#slots[slot + slotHead]!; at !== noCount; at = this.#words[at * 4 + countNext]!) {
        lines[line++] = this.#slots[slot + slotLow]!;
        lines[line++] = this.#slots[slot + slotHigh]!;
        lines[line++] = this.#words[at * 4 + countColumn]!;
        lines[line++] = this.#numbers[at * 2]!;
      }
    }
    return lines;
  }

  /** Index of a matrix that `toMatrix` returned. */
  static fromMatrix(lines: Float64Array | Float32Array): BasketIndex {
    const index = new BasketIndex();
    index.#makeRoom(lines.length / 4, setsOf(lines));
    for (let i = 0; i < lines.length; i += 4) index.#add(lines[i]!, lines[i + 1]!, lines[i + 2]!, lines[i + 3]!);
    return index;
  }

  /** Sorts the counts by their slots, so that they can be read sequentially. Counts of one set stay in their order. */
  #arrange(): void {
    if (this.#isInOrder) return;
    const numbers = new Float64Array(this.#numbers.length);
    const words = new Int32Array(numbers.buffer);
    let to = 0;
    for (let slot = slotHead; slot < this.#slots.length; slot += slotWords) {
      const head = this.#slots[slot]!;
      if (head === noCount) continue;
      this.#slots[slot] = to;
      this.#slots[slot - slotHead + slotLast] = to;
      for (let at = head; at !== noCount; at = this.#words[at * 4 + countNext]!, to++) {
        numbers[to * 2] = this.#numbers[at * 2]!;
        words[to * 4 + countColumn] = this.#words[at * 4 + countColumn]!;
        words[to * 4 + countNext] = to + 1;
      }
      words[(to - 1) * 4 + countNext] = noCount;
    }
    [this.#numbers, this.#words, this.#isInOrder] = [numbers, words, true];
  }

  /** Allocates the memory for this many counts and sets in one step, if the index is empty. */
  #makeRoom(counts: number, sets: number): void {
    let size = this.#numbers.length / 2;
    while (size < counts) size *= 2;
    this.#makeRoomForCounts(size);
    let slots = this.#slots.length / slotWords;
    while (slots <= sets * 2) slots *= 2;
    this.#slots = emptySlots(slots);
  }

  #makeRoomForCounts(size: number): void {
    const numbers = new Float64Array(size * 2);
    numbers.set(this.#numbers);
    [this.#numbers, this.#words] = [numbers, new Int32Array(numbers.buffer)];
  }

  /** Position of a set's slot, or of the free slot that it would use. */
  #slot(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = ((low ^ Math.imul(high, 0x9e3779b9)) << 2) & mask; // Four words per slot.
    while (
      this.#slots[slot + slotHead] !== noCount &&
      (this.#slots[slot + slotLow] !== low || this.#slots[slot + slotHigh] !== high)
    )
      slot = (slot + slotWords) & mask;
    return slot;
  }

  #growSets(): void {
    const old = this.#slots;
    this.#slots = emptySlots((old.length / slotWords) * 2);
    for (let from = 0; from < old.length; from += slotWords) {
      if (old[from + slotHead] === noCount) continue;
      const slot = this.#slot(old[from + slotLow]!, old[from + slotHigh]!);
      this.#slots[slot + slotLow] = old[from + slotLow]!;
      this.#slots[slot + slotHigh] = old[from + slotHigh]!;
      this.#slots[slot + slotHead] = old[from + slotHead]!;
      this.#slots[slot + slotLast] = old[from + slotLast]!;
    }
    this.#isInOrder = false;
  }
}

function emptySlots(count: number): Int32Array {
  const slots = new Int32Array(count * slotWords);
  for (let head = slotHead; head < slots.length; head += slotWords) slots[head] = noCount;
  return slots;
}

/** Number of distinct sets in rows of (fingerprint low, fingerprint high, column, count). The rows of one set must be consecutive. */
function setsOf(lines: Float64Array | Float32Array): number {
  let sets = 0;
  for (let i = 0; i < lines.length; i += 4) {
    if (i === 0 || lines[i] !== lines[i - 4] || lines[i + 1] !== lines[i - 3]) sets++;
  }
  return sets;
}
