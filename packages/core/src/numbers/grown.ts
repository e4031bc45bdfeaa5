/** An array of at least so many numbers: the given one, or one twice as long that begins with its numbers. */
export function grown<T extends Int32Array | Uint32Array>(values: T, needed: number, make: (length: number) => T): T {
  if (needed <= values.length) return values;
  const larger = make(Math.max(needed, values.length * 2));
  larger.set(values);
  return larger;
}
