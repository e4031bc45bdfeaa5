/** An array of at least so many numbers: itself, or one twice as long that begins as it does. */
export function grown<T extends Int32Array | Uint32Array>(values: T, needed: number, make: (length: number) => T): T {
  if (needed <= values.length) return values;
  const larger = make(Math.max(needed, values.length * 2));
  larger.set(values);
  return larger;
}
