import { holdersByColumn, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { frequentStateWords } from '../generated/layouts.ts';
import { sortShort } from '../numbers/arrays.ts';
import type { Address } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';

/** Set of products that customers hold together. */
interface FrequentSet {
  /** Columns of the table, ascending. */
  columns: readonly number[];
  /** Number of customers who hold all products of the set. */
  support: number;
}

/** Thresholds of the search. */
export interface FrequentSetOptions {
  /** Smallest share of customers who hold a set, above 0 and at most 1. Compared exactly, in whole numbers. */
  minSupport: number;
  /** Largest number of products of a set, 1 to 64. Default 64. */
  longest?: number;
}

/** Result of the search. */
export interface FrequentSets {
  /** Sets by length, then by columns. */
  sets: readonly FrequentSet[];
  /** Number of all customers, including customers without products if the table has such rows. */
  customers: number;
}

const firstCapacity = 8192;

/**
 * Finds all sets of products that at least the share `minSupport` of the customers hold together.
 * @throws AppError config for a share outside (0, 1] or a length outside 1 to 64; bad-data for 2^32 customers and more
 */
export async function findFrequentSets(training: TrainingSet, options: FrequentSetOptions): Promise<FrequentSets> {
  const { minSupport, longest = 64 } = options;
  const share = fractionOf('minSupport', minSupport);
  if (!(Number.isInteger(longest) && longest >= 1 && longest <= 64)) {
    throw new AppError('config', `longest is ${longest}`, 'Give a whole number from 1 to 64.');
  }
  const { pool, table } = training;
  const weight = rowWeights(training);
  const customers = weight.reduce((sum, n) => sum + n, 0);
  if (customers >= 2 ** 32) {
    throw new AppError('bad-data', `frequent sets of ${customers} customers`, 'At most 2^32 - 1 are counted: search a sample.');
  }
  const count = holdersByColumn(training, weight).subarray(0, productCount(table));
  const frequent = Array.from(count.keys()).filter((column) => count[column]! > 0 && atLeast(count[column]!, customers, share));
  frequent.sort((a, b) => count[b]! - count[a]! || a - b);
  let minimum = Math.max(1, Math.floor((customers * share.numerator) / share.denominator) - 1);
  while (!atLeast(minimum, customers, share)) minimum++;
  const mark = table.memory.mark();
  try {
    const rows = frequentRows(training, weight, frequent);
    const outputs = await mine(
      pool,
      rows,
      frequent.map((column) => count[column]!),
      minimum,
      longest,
    );
    const byLength: FrequentSet[][] = [];
    for (const words of outputs) readSets(words, frequent, byLength);
    return { sets: byLength.flatMap((sets) => sortedByColumns(sets, table.columns.length)), customers };
  } finally {
    table.memory.release(mark);
  }
}

/** Sorts sets of equal length by their columns, with a counting sort by each position, from the last position to the first. */
function sortedByColumns(sets: FrequentSet[], columns: number): FrequentSet[] {
  let sorted = sets;
  for (let place = (sets[0]?.columns.length ?? 0) - 1; place >= 0; place--) {
    const next = new Uint32Array(columns + 1);
    for (const set of sorted) next[set.columns[place]! + 1]!++;
    for (let column = 0; column < columns; column++) next[column + 1]! += next[column]!;
    const placed: FrequentSet[] = new Array(sorted.length);
    for (const set of sorted) placed[next[set.columns[place]!]!++] = set;
    sorted = placed;
  }
  return sorted;
}

/**
 * Runs one kernel call per frequent product, the root. A call finds the sets whose rarest product is its root.
 * Calls with too little memory for output or stack are repeated with more memory.
 */
async function mine(
  pool: KernelPool,
  { heads, head, stackBytes }: FrequentRows,
  supports: readonly number[],
  minimum: number,
  longest: number,
): Promise<Uint32Array[]> {
  const { memory } = pool;
  const setsOfRoots: Uint32Array[] = supports.map(() => new Uint32Array(0));
  let waiting = supports.map((_, root) => ({ root, capacity: firstCapacity }));
  let scratch = stackBytes;
  while (waiting.length > 0) {
    const mark = memory.mark();
    const outputs = waiting.map(({ capacity }) => memory.allocate(capacity));
    const calls = waiting.map(({ root, capacity }, i) => {
      const output = outputs[i]!;
      return { heads, head, root, support: supports[root]!, minimum, longest, output, capacity, scratchBytes: scratch };
    });
    const needed = await pool.run('frequentSets', calls, scratch);
    const again: typeof waiting = [];
    for (const [i, { root, capacity }] of waiting.entries()) {
      const bytes = needed[i]!;
      if (bytes < 0) again.push({ root, capacity });
      else if (bytes > capacity) again.push({ root, capacity: bytes });
      else setsOfRoots[root] = memory.u32(outputs[i]!, bytes / 4).slice();
    }
    memory.release(mark);
    if (needed.some((bytes) => bytes < 0)) scratch *= 2;
    waiting = again;
  }
  return setsOfRoots;
}

/** Reads the sets that a kernel wrote. Appends each set to the list of sets of its length. */
function readSets(words: Uint32Array, frequent: readonly number[], byLength: FrequentSet[][]): void {
  const halves = new Uint32Array(2);
  const double = new Float64Array(halves.buffer);
  for (let at = 0; at < words.length; ) {
    const length = words[at]!;
    const columns: number[] = new Array(length);
    for (let i = 0; i < length; i++) columns[length - 1 - i] = frequent[words[at + 1 + i]!]!;
    sortShort(columns);
    halves[0] = words[at + 1 + length]!;
    halves[1] = words[at + 2 + length]!;
    while (byLength.length <= length) byLength.push([]);
    byLength[length]!.push({ columns, support: double[0]! });
    at += length + 3;
  }
}

/** Bytes of the kernel's state in front of its stack. */
const stateBytes = 4 * frequentStateWords;

/** Rows for the search of frequent sets, in kernel memory (see assembly/rules/frequent.ts). */
interface FrequentRows {
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
function frequentRows({ table, range }: TrainingSet, weight: Float64Array, frequent: readonly number[]): FrequentRows {
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

/** Decimal threshold as a fraction of whole numbers. Counts can be compared with it exactly. */
export interface Fraction {
  numerator: number;
  denominator: number;
}

/**
 * Reads a share such as .001 as the decimal written, 1 / 1000, not as the nearest binary number.
 * @throws AppError config for a share outside (0, 1], or with more than 9 decimals
 */
export function fractionOf(name: string, value: number): Fraction {
  if (!(value > 0 && value <= 1)) throw new AppError('config', `${name} is ${value}`, 'Give a share above 0, at most 1.');
  for (let denominator = 1; denominator <= 1e9; denominator *= 10) {
    const numerator = Math.round(value * denominator);
    if (numerator / denominator === value) return { numerator, denominator };
  }
  throw new AppError('config', `${name} is ${value}`, 'Give at most 9 decimals.');
}

/** Whether part / whole >= the fraction. The comparison uses whole numbers, as BigInt if they are too large for a double. */
export function atLeast(part: number, whole: number, { numerator, denominator }: Fraction): boolean {
  const [left, right] = [part * denominator, numerator * whole];
  if (left < Number.MAX_SAFE_INTEGER && right < Number.MAX_SAFE_INTEGER) return left >= right;
  return BigInt(part) * BigInt(denominator) >= BigInt(numerator) * BigInt(whole);
}
