// In-place sorting of u32 numbers, ascending, without further memory.

/** Greatest length of an array that is sorted by insertion. Longer arrays are sorted by heapsort. */
const insertionLimit: u32 = 32;

/** Sorts an array u32[count] in place, ascending. */
export function sortU32(numbers: usize, count: u32): void {
  if (count > insertionLimit) heapSort(numbers, count);
  else insertionSort(numbers, count);
}

function insertionSort(numbers: usize, count: u32): void {
  const end = numbers + ((<usize>count) << 2);
  for (let next = numbers + 4; next < end; next += 4) {
    const value = load<u32>(next);
    let at = next;
    while (at > numbers && load<u32>(at - 4) > value) {
      store<u32>(at, load<u32>(at - 4));
      at -= 4;
    }
    store<u32>(at, value);
  }
}

function heapSort(numbers: usize, count: u32): void {
  for (let root = count >>> 1; root > 0; root--) siftDown(numbers, root - 1, count);
  for (let last = count - 1; last > 0; last--) {
    const at = numbers + ((<usize>last) << 2);
    const value = load<u32>(at);
    store<u32>(at, load<u32>(numbers));
    store<u32>(numbers, value);
    siftDown(numbers, 0, last);
  }
}

/** Restores the max-heap u32[count]: moves the number at `root` down until no child is larger. */
function siftDown(numbers: usize, root: u32, count: u32): void {
  const value = load<u32>(numbers + ((<usize>root) << 2));
  for (;;) {
    let child: u32 = (root << 1) + 1;
    if (child >= count) break;
    let largest = load<u32>(numbers + ((<usize>child) << 2));
    if (child + 1 < count) {
      const right = load<u32>(numbers + ((<usize>child) << 2), 4);
      if (right > largest) {
        largest = right;
        child++;
      }
    }
    if (largest <= value) break;
    store<u32>(numbers + ((<usize>root) << 2), largest);
    root = child;
  }
  store<u32>(numbers + ((<usize>root) << 2), value);
}

/**
 * Removes all entries of a column except the first, which has the most recent band. Returns the number of remaining entries.
 * @param entries u32[count]: packed entries (column << 8 | recency band), ascending
 */
export function keepFirstOfColumn(entries: usize, count: u32): u32 {
  if (count < 2) return count;
  let kept: u32 = 1;
  let last = load<u32>(entries);
  for (let i: u32 = 1; i < count; i++) {
    const entry = load<u32>(entries + ((<usize>i) << 2));
    if (entry >>> 8 === last >>> 8) continue;
    store<u32>(entries + ((<usize>kept) << 2), entry);
    last = entry;
    kept++;
  }
  return kept;
}
