import { basketRecord, collapseSource, partitionCounts, partitionSums } from '../generated/layouts.ts';
import { log2 } from '../numbers/elementary.ts';
import { type Address, type KernelMemory, nowhere, offset, storeRecord } from '../wasm/memory.ts';
import { blocksOf, type KernelPool, type RowRange } from '../wasm/pool.ts';

/** Rows of one kernel call. */
const hashedRows = 2 ** 14;
/** Target number of rows of a partition. Its hash table and distinct baskets then fit the cache of a core. */
const partitionRows = 2 ** 14;
/** Largest number of partitions. More partitions would take more time than they save. */
const mostPartitions = 512;

/** Distinct (group, basket) pairs, unordered, outside kernel memory. */
export interface CollapsedRows {
  rows: number;
  /** Number of entries of all rows. */
  entries: number;
  /** One record per row (`basketRecord`): number, multiplicity, group, length and the packed entries, ascending. */
  records: Uint32Array;
  /** Ranges of words of `records`. A record never crosses the end of a range. */
  blocks: RowRange[];
}

/** Rows to collapse, in kernel memory. An optional array has the address `nowhere` if it is absent. */
export interface CollapseInput {
  rows: number;
  entries: number;
  /** Upper bound of the number of entries of a row, including its extra entry. */
  longest: number;
  /** Start of each row's entries, u32[rows + 1]. */
  start: Address;
  /** Packed entries, u32[entries]. */
  entry: Address;
  /**
   * Column of the result for each column of the entries, i32[columns of the entries]. A negative value drops the entries of the
   * column.
   */
  projection: Address;
  /** Group of each row, u32[rows]; `nowhere`: all rows are in group 0. */
  group: Address;
  /** Packed extra entry of each row, u32[rows]; or `nowhere`: no row has one. Its column is relative to `extraBase`. */
  extra: Address;
  extraBase: number;
  /** Packed entries that are appended to every distinct row, ascending. Their columns are above all columns of the projection. */
  constants: Uint32Array;
  /** Multiplicity of each row, u32[rows]; `nowhere`: 1. */
  weight: Address;
  /** Mask of the hash bits that are used: all bits, except in tests that force collisions. */
  hashMask: number;
}

/** Addresses shared by the steps. */
interface CollapseWork {
  partitions: number;
  shift: number;
  records: Address;
  hashes: Address;
  local: Address;
}

/** Range of words with the records of a partition, and the number of its rows. */
interface RowPartition extends RowRange {
  rows: number;
}

/** Distinct rows of a partition. */
interface Collapsed {
  distinct: number;
  words: number;
  entries: number;
}

/**
 * Collapses equal rows, and releases the kernel memory that it allocated. Returns the distinct rows. Also returns the distinct
 * row of each source row; `none` for a source row that is in no group. The order of the result depends on the input, never on the
 * workers.
 */
export async function collapseRows(
  pool: KernelPool,
  input: CollapseInput,
): Promise<{ distinct: CollapsedRows; rowOf: Uint32Array }> {
  const mark = pool.memory.mark();
  try {
    const work = allocateWork(pool.memory, input);
    const partitions = await writeRecords(pool, input, work);
    const collapsed = await collapsePartitions(pool, input, work, partitions);
    const distinct = await gatherRows(pool, input, work, partitions, collapsed);
    await resolve(pool, input, work, collapsed);
    return { distinct, rowOf: pool.memory.u32(work.local, input.rows).slice() };
  } finally {
    pool.memory.release(mark);
  }
}

function allocateWork(memory: KernelMemory, { rows, entries, extra }: CollapseInput): CollapseWork {
  const wanted = Math.min(mostPartitions, Math.max(1, rows / partitionRows));
  const bits = Math.ceil(log2(wanted));
  return {
    partitions: 2 ** bits,
    shift: 32 - bits,
    hashes: memory.allocate(rows * 4),
    local: memory.allocate(rows * 4),
    records: memory.allocate((entries + (basketRecord.recordWords + (extra ? 1 : 0)) * rows) * 4),
  };
}

/** Applies the projection to the rows, hashes them, and writes each to the partition of its hash. */
async function writeRecords(pool: KernelPool, input: CollapseInput, work: CollapseWork): Promise<RowPartition[]> {
  const { partitions, shift, hashes } = work;
  const blocks = blocksOf({ from: 0, to: input.rows }, hashedRows);
  const table = pool.memory.allocateZeroed(blocks.length * partitions * partitionCounts.recordBytes);
  const ofBlock = (i: number) => offset(table, i * partitions * partitionCounts.recordBytes);
  const { start, entry, projection, group, extra, extraBase } = input;
  const fields = { start, entry, projection, group, extra, extraBase, hashes, shift };
  const source = storeRecord(pool.memory, collapseSource, fields);
  await pool.run(
    'hashRows',
    blocks.map(({ from, to }, i) => ({ source, from, to, hashMask: input.hashMask, counts: ofBlock(i) })),
    input.longest * 4,
  );
  const counts = pool.memory.u32(table, blocks.length * partitions * partitionCounts.recordWords);
  const result = placePartitions(counts, partitions);
  await pool.run(
    'recordRows',
    blocks.map(({ from, to }, i) => ({ source, from, to, places: ofBlock(i), records: work.records })),
    input.longest * 4,
  );
  return result;
}

/**
 * Replaces counts of words, u32[blocks x partitions], by running sums: the position in each partition at which the words of each block begin.
 */
function placePartitions(counts: Uint32Array, partitions: number): RowPartition[] {
  let word = 0;
  return Array.from({ length: partitions }, (_, p) => {
    const from = word;
    let rows = 0;
    const { recordWords } = partitionCounts;
    for (let at = p * recordWords; at < counts.length; at += partitions * recordWords) {
      const words = counts[at + partitionCounts.words]!;
      counts[at + partitionCounts.words] = word;
      word += words;
      rows += counts[at + partitionCounts.rows]!;
    }
    return { from, to: word, rows };
  });
}

async function collapsePartitions(
  pool: KernelPool,
  { weight }: CollapseInput,
  { records, local }: CollapseWork,
  partitions: readonly RowPartition[],
): Promise<Collapsed[]> {
  const { recordWords, recordBytes } = partitionSums;
  const sums = pool.memory.allocate(partitions.length * recordBytes);
  const slots = partitions.map(({ rows }) => 2 ** Math.ceil(log2(Math.max(1, 2 * rows))));
  const distinct = await pool.run(
    'collapsePartition',
    partitions.map(({ from, to }, p) => ({
      records: offset(records, from * 4),
      words: to - from,
      weight,
      local,
      sums: offset(sums, p * recordBytes),
      slots: slots[p]!,
    })),
    Math.max(...slots) * 4,
  );
  const words = pool.memory.u32(sums, partitions.length * recordWords);
  return partitions.map((_, p) => {
    const sum = words.subarray(p * recordWords);
    return { distinct: distinct[p]!, words: sum[partitionSums.words]!, entries: sum[partitionSums.entries]! };
  });
}

async function gatherRows(
  pool: KernelPool,
  input: CollapseInput,
  work: CollapseWork,
  partitions: readonly RowPartition[],
  collapsed: readonly Collapsed[],
): Promise<CollapsedRows> {
  const { memory } = pool;
  const constants = input.constants.length;
  const mark = memory.mark();
  const constant = memory.store(input.constants);
  const { rows, entries, words: size, blocks } = placeDistinct(collapsed, constants);
  const target = memory.allocate(size * 4);
  let first = 0;
  await pool.run(
    'gatherPartition',
    collapsed.map(({ distinct, words }, p) => {
      first += distinct;
      return {
        records: offset(work.records, partitions[p]!.from * 4),
        words,
        first: first - distinct,
        constant,
        constants,
        sorting: input.extra !== nowhere,
        target: offset(target, blocks[p]!.from * 4),
      };
    }),
  );
  const records = memory.u32(target, size).slice();
  memory.release(mark);
  return { rows, entries, records, blocks };
}

/** Finds where the distinct rows of each partition begin among those of all partitions. A row's length includes the constants. */
function placeDistinct(
  collapsed: readonly Collapsed[],
  constants: number,
): { rows: number; entries: number; words: number; blocks: RowRange[] } {
  let [rows, words, entries] = [0, 0, 0];
  const blocks = collapsed.map((part) => {
    const from = words;
    rows += part.distinct;
    words += part.words + part.distinct * constants;
    entries += part.entries + part.distinct * constants;
    return { from, to: words };
  });
  return { rows, entries, words, blocks };
}

async function resolve(
  pool: KernelPool,
  input: CollapseInput,
  work: CollapseWork,
  collapsed: readonly Collapsed[],
): Promise<void> {
  let sum = 0;
  const first = Uint32Array.from(collapsed, ({ distinct }) => {
    sum += distinct;
    return sum - distinct;
  });
  const address = pool.memory.store(first);
  await pool.run(
    'resolveRows',
    blocksOf({ from: 0, to: input.rows }, hashedRows).map(({ from, to }) => {
      const { hashes, shift, local } = work;
      return { from, to, group: input.group, hashes, shift, first: address, local };
    }),
  );
}
