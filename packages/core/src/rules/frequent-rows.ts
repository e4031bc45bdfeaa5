import type { TrainingSet } from '../baskets/training-rows.ts';
import { frequentStateWords } from '../generated/layouts.ts';
import type { Address } from '../wasm/memory.ts';

/** Bytes of the kernel's state in front of its stack. */
const stateBytes = 4 * frequentStateWords;

/** Rows for the search of frequent sets, in kernel memory (see assembly/rules/frequent.ts). */
export interface FrequentRows {
  /**
   * Occurrences of products in rows, except the first product of each row. Ordered by product.
   * An occurrence is a pair of addresses: of the row's first product, and of the occurring product.
   */
  heads: Address;
  /** Index of the first pair of each product in `heads`, u32[products + 1]. */
  head: Address;
  /** Bytes of stack for the first level of the search, for the product that needs most. */
  stackBytes: number;
}

/**
 * Prepares rows for the search. They contain only frequent products, renumbered by falling support. Rows with fewer than two
 * frequent products are left out. Also lists the occurrences of each product.
 * @param weight result of `rowWeights`
 * @param frequent columns of the table, most holders first
 */
export function frequentRows({ table, range }: TrainingSet, weight: Float64Array, frequent: readonly number[]): FrequentRows {
  const { memory } = table;
  const rankOf = new Int32Array(table.columns.length).fill(-1);
  for (const [rank, column] of frequent.entries()) rankOf[column] = rank;
  const start = memory.u32(table.start, table.rows + 1);
  const entry = memory.u32(table.entry, table.entries);
  const words = new Uint32Array(start[range.to]! - start[range.from]! + (range.to - range.from));
  const rowEnd = new Uint32Array(range.to - range.from);
  const occurrences = new Uint32Array(frequent.length + 1);
  const before = new Float64Array(frequent.length);
  let [rows, length] = [0, 0];
  for (let row = range.from; row < range.to; row++) {
    const customers = weight[row - range.from]!;
    if (customers === 0) continue;
    const first = length + 1;
    const to = start[row + 1]!;
    let end = first;
    for (let i = start[row]!; i < to; i++) {
      const rank = rankOf[entry[i]! >>> 8]!;
      if (rank >= 0) insertSorted(words, first, end++, rank);
    }
    if (end - first < 2) continue;
    words[length] = customers;
    rowEnd[rows++] = end;
    for (let at = first + 1; at < end; at++) {
      occurrences[words[at]! + 1]!++;
      before[words[at]!]! += at - first;
    }
    length = end;
  }
  for (let rank = 0; rank < frequent.length; rank++) occurrences[rank + 1]! += occurrences[rank]!;
  const address = memory.store(words.subarray(0, length));
  const pairs = pairsOf(words, rowEnd.subarray(0, rows), occurrences, address);
  const level = frequent.length * 12 + 64;
  const largest = before.reduce((most, n) => Math.max(most, n), 0);
  return { heads: memory.store(pairs), head: memory.store(occurrences), stackBytes: stateBytes + 4 * level + 16 * largest };
}

/** Inserts `rank` into the ascending list words[from .. to). Few elements move, because columns are nearly in the order of ranks. */
function insertSorted(words: Uint32Array, from: number, to: number, rank: number): void {
  let at = to;
  for (; at > from && words[at - 1]! > rank; at--) words[at] = words[at - 1]!;
  words[at] = rank;
}

/** Occurrences of products in rows, as `FrequentRows.heads` describes. @param head see `FrequentRows.head` */
function pairsOf(words: Uint32Array, rowEnd: Uint32Array, head: Uint32Array, address: Address): Uint32Array {
  const pairs = new Uint32Array(2 * head[head.length - 1]!);
  const next = head.slice();
  let first = 1;
  for (let row = 0; row < rowEnd.length; row++) {
    const end = rowEnd[row]!;
    for (let at = first + 1; at < end; at++) {
      const place = 2 * next[words[at]!]!++;
      pairs[place] = address + first * 4;
      pairs[place + 1] = address + at * 4;
    }
    first = end + 1;
  }
  return pairs;
}
