/** Sorts the first `length` numbers of a list by insertion: for short or nearly sorted lists, many times faster than the engine's sort. */
export function sortShort(list: number[] | Uint32Array, length = list.length): void {
  for (let i = 1; i < length; i++) {
    const value = list[i]!;
    let at = i;
    for (; at > 0 && list[at - 1]! > value; at--) list[at] = list[at - 1]!;
    list[at] = value;
  }
}
