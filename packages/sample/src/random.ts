const multiplierA = 0xd2511f53;
const multiplierB = 0xcd9e8d57;
const weylA = 0x9e3779b9;
const weylB = 0xbb67ae85;
const rounds = 10;
const wordRange = 2 ** 32;

/** Upper 32 bits of the 64-bit product of two 32-bit numbers, computed from 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/**
 * Philox4x32-10, a counter-based random generator without state (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011). Writes the
 * four random 32-bit words of a counter to `out`.
 * @param counter four 32-bit words
 * @param key two 32-bit words
 */
export function philox(counter: ArrayLike<number>, key: ArrayLike<number>, out: Uint32Array): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  let k0 = key[0]!;
  let k1 = key[1]!;
  for (let round = 0; round < rounds; round++) {
    const highA = multiplyHigh(c0, multiplierA);
    const highB = multiplyHigh(c2, multiplierB);
    const lowA = Math.imul(c0, multiplierA);
    const lowB = Math.imul(c2, multiplierB);
    c0 = highB ^ c1 ^ k0;
    c1 = lowB;
    c2 = highA ^ c3 ^ k1;
    c3 = lowA;
    k0 = (k0 + weylA) | 0;
    k1 = (k1 + weylB) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/**
 * Random numbers that depend only on seed, stream and item. `at` moves to the start of an item's sequence. Any item can therefore be drawn without
 * drawing the items before it.
 */
export class RandomStream {
  readonly #key: Uint32Array;
  readonly #counter = new Uint32Array(4);
  readonly #block = new Uint32Array(4);
  #next = 4;

  /**
   * @param seed integer, 0 to 2^53 - 1
   * @param stream number that separates different uses of a seed, 0 to 2^32 - 1
   */
  constructor(seed: number, stream: number) {
    this.#key = Uint32Array.of(seed % wordRange, Math.floor(seed / wordRange));
    this.#counter[2] = stream;
  }

  /** Moves to the start of the sequence of `item` (0 to 2^32 - 1). */
  at(item: number): this {
    this.#counter[0] = item;
    this.#counter[1] = 0;
    this.#next = 4;
    return this;
  }

  /** Next 32 random bits, as an integer from 0 to 2^32 - 1. */
  word(): number {
    if (this.#next === 4) {
      philox(this.#counter, this.#key, this.#block);
      this.#counter[1]!++;
      this.#next = 0;
    }
    return this.#block[this.#next++]!;
  }

  /** Uniform random number in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.word() / wordRange;
  }

  /** Uniform random integer from 0 to n - 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** Shuffles `items` in place (Fisher-Yates) and returns them. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}
