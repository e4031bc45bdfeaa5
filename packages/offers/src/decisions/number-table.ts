/** Most keys for which numbers are stored in an array. */
const mostInArray = 2 ** 22;

/** Numbers of keys 0 .. `limit` - 1: in an array unless it is too large, as millions of customers are looked up. */
export function numbersBelow(limit: number): NumberTable | Map<number, number> {
  return limit > mostInArray ? new Map() : new NumberTable(limit);
}

/** Numbers of keys below a limit, in an array. */
class NumberTable {
  /** Number + 1 of each key; 0: none. */
  readonly #numbers: Uint32Array;

  constructor(limit: number) {
    this.#numbers = new Uint32Array(limit);
  }

  get(key: number): number | undefined {
    const found = this.#numbers[key]!;
    return found === 0 ? undefined : found - 1;
  }

  set(key: number, number: number): void {
    this.#numbers[key] = number + 1;
  }
}
