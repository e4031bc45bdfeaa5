import { forEachRow, holders, productCount, rowWeights } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import type { TrainingSet } from '../models/model.ts';
import type { Address } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { atLeast, fractionOf } from './fraction.ts';

/** A set of products that customers hold together. */
export interface FrequentSet {
  /** Columns of the table, ascending. */
  columns: readonly number[];
  /** Customers who hold all of them: a whole number. */
  support: number;
}

/** What counts as frequent. */
export interface FrequentSetOptions {
  /** Least share of customers: above 0, at most 1. Compared in whole numbers. */
  minSupport: number;
  /** Longest set: 1 .. 64. Default 64. */
  longest?: number;
}

/** Frequent sets with what they are shares of. */
export interface FrequentSets {
  /** By length, then by columns. */
  sets: readonly FrequentSet[];
  /** Customers in all, those without products included where the table has such rows. */
  customers: number;
}

/** The top bit marks the start of a row. */
const rowMark = 0x8000_0000;
const firstCapacity = 8192;
/** Bytes of the kernel's state in front of its stack. */
const stateBytes = 4 * 68;

/**
 * All sets of products that at least the given share of customers hold together, from distinct baskets with their multiplicities.
 * @throws AppError config for a share outside (0, 1] or a length outside 1 .. 64.
 */
export async function findFrequentSets(training: TrainingSet, options: FrequentSetOptions): Promise<FrequentSets> {
  const { minSupport, longest = 64 } = options;
  const share = fractionOf('min_support', minSupport);
  if (!(Number.isInteger(longest) && longest >= 1 && longest <= 64)) {
    throw new AppError('config', `longest is ${longest}`, 'Give a whole number from 1 to 64.');
  }
  const { pool, table } = training;
  const customers = rowWeights(training).reduce((sum, n) => sum + n, 0);
  const count = holders(training).subarray(0, productCount(table));
  const frequent = Array.from(count.keys()).filter((column) => count[column]! > 0 && atLeast(count[column]!, customers, share));
  frequent.sort((a, b) => count[b]! - count[a]! || a - b);
  let minimum = Math.max(1, Math.floor((customers * share.numerator) / share.denominator) - 1);
  while (!atLeast(minimum, customers, share)) minimum++;
  const mark = table.memory.mark();
  try {
    const projection = project(training, frequent);
    const outputs = await mine(pool, projection, frequent.length, minimum, longest);
    const sets: FrequentSet[] = [];
    for (const words of outputs) readSets(words, frequent, sets);
    sets.sort((a, b) => a.columns.length - b.columns.length || compareColumns(a.columns, b.columns));
    return { sets, customers };
  } finally {
    table.memory.release(mark);
  }
}

function compareColumns(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** Sorts a short list that is nearly in order: by insertion, many times faster there than a sort with a comparison function. */
function sortShort(list: number[]): void {
  for (let i = 1; i < list.length; i++) {
    const value = list[i]!;
    let at = i;
    for (; at > 0 && list[at - 1]! > value; at--) list[at] = list[at - 1]!;
    list[at] = value;
  }
}

interface Projection {
  heads: Address;
  head: Address;
  /** Bytes of stack that the largest root surely needs for its first level. */
  stackBytes: number;
}

/** Rows of frequent products only, renumbered by falling support, and where each product occurs in them. */
function project(training: TrainingSet, frequent: readonly number[]): Projection {
  const { table, range } = training;
  const { memory } = table;
  const rankOf = new Int32Array(table.columns.length).fill(-1);
  for (const [rank, column] of frequent.entries()) rankOf[column] = rank;
  const weight = rowWeights(training);
  const words: Uint32Array = new Uint32Array(table.entries + (range.to - range.from));
  const occurrences = new Uint32Array(frequent.length + 1);
  const before = new Float64Array(frequent.length);
  let length = 0;
  const rowStart: number[] = [];
  const rowWeight: number[] = [];
  forEachRow(table, range, (entries, row) => {
    if (weight[row - range.from] === 0) return;
    const ranks: number[] = [];
    for (const packed of entries) if (rankOf[packed >>> 8]! >= 0) ranks.push(rankOf[packed >>> 8]!);
    if (ranks.length === 0) return;
    sortShort(ranks);
    rowStart.push(length);
    rowWeight.push(weight[row - range.from]!);
    words[length++] = rowMark;
    for (const [place, rank] of ranks.entries()) {
      words[length++] = rank;
      occurrences[rank + 1]!++;
      before[rank]! += place;
    }
  });
  for (let rank = 0; rank < frequent.length; rank++) occurrences[rank + 1]! += occurrences[rank]!;
  const address = memory.store(words.subarray(0, length));
  const pairs = new Uint32Array(2 * occurrences[frequent.length]!);
  const next = occurrences.slice();
  for (const [i, start] of rowStart.entries()) {
    const end = rowStart[i + 1] ?? length;
    for (let at = start + 1; at < end; at++) {
      const place = next[words[at]!]!++;
      pairs[place * 2] = address + at * 4;
      pairs[place * 2 + 1] = rowWeight[i]!;
    }
  }
  const level = frequent.length * 12 + 64;
  const largest = before.reduce((most, n) => Math.max(most, n), 0);
  return { heads: memory.store(pairs), head: memory.store(occurrences), stackBytes: stateBytes + 4 * level + 16 * largest };
}

/** Runs one kernel call per root; those whose output or stack was too small run again with more. */
async function mine(
  pool: KernelPool,
  { heads, head, stackBytes }: Projection,
  roots: number,
  minimum: number,
  longest: number,
): Promise<Uint32Array[]> {
  const { memory } = pool;
  const found: Uint32Array[] = Array.from({ length: roots }, () => new Uint32Array(0));
  let waiting = Array.from({ length: roots }, (_, root) => ({ root, capacity: firstCapacity }));
  let scratch = stackBytes;
  while (waiting.length > 0) {
    const mark = memory.mark();
    const calls = waiting.map(({ root, capacity }) => {
      return [heads, head, root, minimum, longest, memory.allocate(capacity), capacity, scratch];
    });
    const needed = await pool.run('frequentSets', calls, scratch);
    const again: typeof waiting = [];
    for (const [i, { root, capacity }] of waiting.entries()) {
      const bytes = needed[i]!;
      if (bytes < 0) again.push({ root, capacity });
      else if (bytes > capacity) again.push({ root, capacity: bytes });
      else found[root] = memory.u32(calls[i]![5]!, bytes / 4).slice();
    }
    memory.release(mark);
    if (needed.some((bytes) => bytes < 0)) scratch *= 2;
    waiting = again;
  }
  return found;
}

/** Adds the sets that the kernel wrote. */
function readSets(words: Uint32Array, frequent: readonly number[], sets: FrequentSet[]): void {
  const halves = new Uint32Array(2);
  const double = new Float64Array(halves.buffer);
  for (let at = 0; at < words.length; ) {
    const length = words[at]!;
    const columns: number[] = new Array(length);
    for (let i = 0; i < length; i++) columns[length - 1 - i] = frequent[words[at + 1 + i]!]!;
    sortShort(columns);
    halves[0] = words[at + 1 + length]!;
    halves[1] = words[at + 2 + length]!;
    sets.push({ columns, support: double[0]! });
    at += length + 3;
  }
}
