/** Customers of classes with shares, class by class. */
export class SharedMembers {
  readonly #starts: readonly number[];
  readonly #next: Uint32Array;
  /** Pairs of a customer and their order: the lower and the upper half of numbers that the engine sorts natively. */
  readonly #pairs: Uint32Array<ArrayBuffer>;

  /** @param starts start of the customers of each class, and the end of the last */
  constructor(starts: readonly number[]) {
    this.#starts = starts;
    this.#next = Uint32Array.from(starts);
    this.#pairs = new Uint32Array(starts.at(-1)! * 2);
  }

  add(number: number, customer: number, order: number): void {
    const at = this.#next[number]!++;
    this.#pairs[at * 2] = customer;
    this.#pairs[at * 2 + 1] = order;
  }

  /** Customers of a class by their order and then by number, after all were added. */
  *inOrder(number: number): Generator<number> {
    const [from, to] = [this.#starts[number]!, this.#starts[number + 1]!];
    new BigUint64Array(this.#pairs.buffer, from * 8, to - from).sort();
    for (let m = from; m < to; m++) yield this.#pairs[m * 2]!;
  }
}
