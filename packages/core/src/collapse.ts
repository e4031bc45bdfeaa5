import { blocksOf } from './blocks.ts';
import type { Address, KernelMemory } from './memory.ts';
import type { KernelPool } from './pool.ts';

/** In place of a group number: the row takes no part. In place of an extra entry or a basket: there is none. */
export const none = 0xffff_ffff;

/** Rows of one kernel call. */
const blockRows = 2 ** 14;
/** Rows that a partition should have: its hash table then stays in the cache of a core. */
const partitionRows = 2 ** 15;
/** More partitions than this cost more than they save. */
const mostPartitions = 256;

/** Distinct (group, basket) pairs in no particular order, outside of kernel memory. */
export interface DistinctRows {
  /** [rows + 1]: where each row's entries start. */
  start: Uint32Array;
  /** Packed entries, ascending in each row. */
  entry: Uint32Array;
  group: Uint32Array;
  multiplicity: Uint32Array;
}

/** Rows to collapse, in kernel memory; an address of 0 means "none of these". */
export interface CollapseInput {
  rows: number;
  entries: number;
  /** u32[rows + 1]. */
  start: Address;
  /** u32[entries], packed. */
  entry: Address;
  /** i32[columns of the entries]: column in the result, or below 0. */
  projection: Address;
  /** u32[rows], or 0: all in group 0. */
  group: Address;
  /** u32[rows] packed entries, columns counted from `extraBase`, or 0. */
  extra: Address;
  extraBase: number;
  /** u32[rows]: how often each row counts, or 0: once. */
  weight: Address;
  /** Kept bits of the hash: all, unless a test wants collisions. */
  hashMask: number;
}

/** Addresses that the steps share. */
interface Work {
  header: number;
  partitions: number;
  shift: number;
  projected: Address;
  hashes: Address;
  lists: Address;
  multiplicity: Address;
  local: Address;
}

/**
 * Collapses equal rows. Returns the distinct ones and, for each row, which of them it is (or `none`), both copied out of kernel memory,
 * where nothing stays. Which row comes where depends on the input, never on the workers.
 */
export async function collapseRows(
  pool: KernelPool,
  input: CollapseInput,
): Promise<{ distinct: DistinctRows; rowOf: Uint32Array }> {
  const mark = pool.memory.mark();
  try {
    const work = allocateWork(pool.memory, input);
    const bounds = await partition(pool, input, work);
    const counts = await collapsePartitions(pool, input, work, bounds);
    const distinct = await gather(pool, input, work, bounds, counts);
    await resolve(pool, input, work, counts.distinct);
    return { distinct, rowOf: pool.memory.u32(work.local, input.rows).slice() };
  } finally {
    pool.memory.release(mark);
  }
}

function allocateWork(memory: KernelMemory, { rows, entries, extra }: CollapseInput): Work {
  const wanted = Math.min(mostPartitions, Math.max(1, rows / partitionRows));
  const bits = Math.ceil(Math.log2(wanted));
  const header = extra ? 3 : 2;
  return {
    header,
    partitions: 2 ** bits,
    shift: 32 - bits,
    projected: memory.allocate((entries + header * rows) * 4),
    hashes: memory.allocate(rows * 4),
    lists: memory.allocate(rows * 8),
    multiplicity: memory.allocate(rows * 4),
    local: memory.allocate(rows * 4),
  };
}

/** Projects and hashes the rows and makes the partitions' lists; returns where each list begins, and where the last ends. */
async function partition(pool: KernelPool, input: CollapseInput, work: Work): Promise<number[]> {
  const { partitions, shift, hashes } = work;
  const blocks = blocksOf({ from: 0, to: input.rows }, blockRows);
  const table = pool.memory.allocateZeroed(blocks.length * partitions * 4);
  const ofBlock = (i: number) => table + i * partitions * 4;
  const project = [input.projection, input.group, input.extra, input.extraBase, work.header, work.projected, hashes];
  await pool.run(
    'projectRows',
    blocks.map(({ from, to }, i) => [input.start, input.entry, from, to, ...project, input.hashMask, shift, ofBlock(i)]),
  );
  const places = pool.memory.u32(table, blocks.length * partitions);
  const bounds = [0];
  let sum = 0;
  for (let p = 0; p < partitions; p++) {
    for (let i = p; i < places.length; i += partitions) {
      const count = places[i]!;
      places[i] = sum;
      sum += count;
    }
    bounds.push(sum);
  }
  await pool.run(
    'partitionRows',
    blocks.map(({ from, to }, i) => [from, to, input.group, hashes, shift, ofBlock(i), work.lists]),
  );
  return bounds;
}

/** Distinct baskets, and their entries, of each partition. */
interface PartitionCounts {
  distinct: number[];
  entries: number[];
}

async function collapsePartitions(
  pool: KernelPool,
  input: CollapseInput,
  work: Work,
  bounds: readonly number[],
): Promise<PartitionCounts> {
  const entries = pool.memory.allocate(work.partitions * 4);
  const sizes = Array.from({ length: work.partitions }, (_, p) => bounds[p + 1]! - bounds[p]!);
  const slots = sizes.map((size) => 2 ** Math.ceil(Math.log2(Math.max(1, 2 * size))));
  const distinct = await pool.run(
    'collapsePartition',
    sizes.map((size, p) => [
      ...[work.lists + bounds[p]! * 8, size, input.start, work.header, work.projected, input.weight],
      ...[work.multiplicity + bounds[p]! * 4, work.local, entries + p * 4, slots[p]!],
    ]),
    Math.max(...slots) * 4,
  );
  return { distinct: [...distinct], entries: [...pool.memory.u32(entries, work.partitions)] };
}

/** Sums of the elements before each, and of all. */
function sumsBefore(numbers: readonly number[]): number[] {
  const sums = [0];
  for (const [i, number] of numbers.entries()) sums.push(sums[i]! + number);
  return sums;
}

async function gather(
  pool: KernelPool,
  input: CollapseInput,
  work: Work,
  bounds: readonly number[],
  counts: PartitionCounts,
): Promise<DistinctRows> {
  const { memory } = pool;
  const firstRow = sumsBefore(counts.distinct);
  const firstEntry = sumsBefore(counts.entries);
  const rows = firstRow[work.partitions]!;
  const entries = firstEntry[work.partitions]!;
  const mark = memory.mark();
  const start = memory.allocate((rows + 1) * 4);
  const entry = memory.allocate(entries * 4);
  const group = memory.allocate(rows * 4);
  const multiplicity = memory.allocate(rows * 4);
  await pool.run(
    'gatherPartition',
    counts.distinct.map((distinct, p) => [
      ...[work.lists + bounds[p]! * 8, distinct, input.start, work.header, work.projected],
      ...[work.multiplicity + bounds[p]! * 4, firstRow[p]!, firstEntry[p]!, start, entry, group, multiplicity],
    ]),
  );
  memory.u32(start, rows + 1)[rows] = entries;
  const distinct = {
    start: memory.u32(start, rows + 1).slice(),
    entry: memory.u32(entry, entries).slice(),
    group: memory.u32(group, rows).slice(),
    multiplicity: memory.u32(multiplicity, rows).slice(),
  };
  memory.release(mark);
  return distinct;
}

async function resolve(pool: KernelPool, input: CollapseInput, work: Work, distinct: readonly number[]): Promise<void> {
  const first = pool.memory.store(Uint32Array.from(sumsBefore(distinct)));
  await pool.run(
    'resolveRows',
    blocksOf({ from: 0, to: input.rows }, blockRows).map(({ from, to }) => [
      ...[from, to, input.group, work.hashes, work.shift, first, work.local],
    ]),
  );
}
