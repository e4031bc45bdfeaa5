import { holdersByColumn, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { sortShort } from '../numbers/arrays.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { atLeast, fractionOf } from './fraction.ts';
import { type FrequentRows, frequentRows } from './frequent-rows.ts';

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
