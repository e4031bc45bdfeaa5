/** Sorts the first `length` numbers of a list, few or nearly in order, by insertion: many times faster there than the engine's own sort. */
export function sortShort(list: number[] | Uint32Array, length = list.length): void {
  for (let i = 1; i < length; i++) {
    const value = list[i]!;
    let at = i;
    for (; at > 0 && list[at - 1]! > value; at--) list[at] = list[at - 1]!;
    list[at] = value;
  }
}
