/** Mean of values; 0 without values. */
export function mean(values: Float64Array | Float32Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

/** Sum of values, from the first to the last. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

/** Greatest common divisor of two whole numbers from 0. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Difference a - b, element by element. */
export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

/**
 * Position of the first value >= `wanted` in positions `from` to `to - 1`, by binary search. `to` if all values there are smaller.
 * Values must ascend.
 */
export function firstAtLeast(values: ArrayLike<number>, wanted: number, from = 0, to = values.length): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns `values` if it has at least `needed` elements, otherwise a copy with at least twice its length. */
export function grown<T extends Int32Array | Uint32Array>(values: T, needed: number, make: (length: number) => T): T {
  if (needed <= values.length) return values;
  const larger = make(Math.max(needed, values.length * 2));
  larger.set(values);
  return larger;
}

/**
 * Sorts the first `length` numbers of a list by insertion. This is many times faster than the engine's sort for short or nearly
 * sorted lists.
 */
export function sortShort(list: number[] | Uint32Array, length = list.length): void {
  for (let i = 1; i < length; i++) {
    const value = list[i]!;
    let at = i;
    for (; at > 0 && list[at - 1]! > value; at--) list[at] = list[at - 1]!;
    list[at] = value;
  }
}

/** Groups entries with equal keys. The groups are in the order in which their keys first occur. */
export function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()];
}
