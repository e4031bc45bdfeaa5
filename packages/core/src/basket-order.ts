import type { BasketTable } from './basket-table.ts';
import { blocksOf } from './blocks.ts';
import { codeOrder } from './code-order.ts';
import type { DistinctRows } from './collapse.ts';
import { AppError } from './error.ts';
import type { Address } from './memory.ts';
import type { KernelPool } from './pool.ts';

/** Rows of one kernel call. */
const blockRows = 2 ** 16;
/** A call that sorts takes bins until it has this many rows. */
const sortedRows = 2 ** 14;
/** More bins than this are not worth their memory. */
const mostBins = 2 ** 24;

/** What distinct rows become a table with. */
export interface OrderRequest {
  pool: KernelPool;
  distinct: DistinctRows;
  /** Product codes of the columns, as the rows number them. */
  columns: readonly string[];
  /** Names of the columns after those. */
  pseudoColumns: readonly string[];
  /** Packed entries of pseudo-columns that every row gets, columns numbered after `columns`. */
  constants: Uint32Array;
}

/** A table in its one order, and where each of the rows went. */
export interface OrderedBaskets {
  table: BasketTable;
  /** [rows]: row of the table. */
  rank: Uint32Array;
  /** [columns of the table]: customers who hold each. */
  holders: Uint32Array;
}

/** Distinct rows back in kernel memory, with their columns renamed. */
interface Work {
  pool: KernelPool;
  rows: number;
  start: Address;
  renamed: Address;
  constants: number;
  group: Address;
  multiplicity: Address;
  order: Address;
}

/**
 * Numbers columns by falling popularity (ties: product code), sorts the rows by group and entries, and writes them to kernel memory as a
 * table; nothing else stays there.
 * @throws AppError bug for group numbers of 2^24 and more
 */
export async function orderBaskets(request: OrderRequest): Promise<OrderedBaskets> {
  const { pool, distinct, columns, pseudoColumns, constants } = request;
  const { memory } = pool;
  const rows = distinct.group.length;
  const entries = distinct.entry.length + rows * constants.length;
  const result = {
    start: memory.allocate((rows + 1) * 4),
    entry: memory.allocate(entries * 4),
    multiplicity: memory.allocate(rows * 4),
    group: memory.allocate(rows * 4),
  };
  const mark = memory.mark();
  const order = memory.allocate(rows * 4);
  const start = memory.store(distinct.start);
  const group = memory.store(distinct.group);
  const multiplicity = memory.store(distinct.multiplicity);
  const renamed = memory.allocate(entries * 4);
  const entry = memory.store(distinct.entry);

  const counted = await countHolders(request, { start, entry, multiplicity });
  const byHolders = codeOrder(columns).sort((a, b) => counted[b]! - counted[a]!);
  const pseudo = pseudoColumns.map((_, i) => columns.length + i);
  const newOrder = [...byHolders, ...pseudo];
  const rank = new Uint32Array(newOrder.length);
  for (const [place, column] of newOrder.entries()) rank[column] = place;
  const rankAddress = memory.store(rank);
  const constant = memory.store(constants);
  await pool.run(
    'renameRows',
    blocksOf({ from: 0, to: rows }, blockRows).map(({ from, to }) => [
      ...[from, to, start, entry, rankAddress, constant, constants.length, renamed],
    ]),
  );
  const work = { pool, rows, start, renamed, constants: constants.length, group, multiplicity, order };
  await sortRows(work, request);
  const rowRank = await placeRows(work, result, entries);
  memory.release(mark);
  const table = {
    memory,
    columns: [...byHolders.map((column) => columns[column]!), ...pseudoColumns],
    pseudoColumns: pseudoColumns.length,
    rows,
    entries,
    ...result,
  };
  return { table, rank: rowRank, holders: Uint32Array.from(newOrder, (column) => counted[column]!) };
}

/** Customers who hold each column, constants included. */
async function countHolders(
  { pool, distinct, columns, pseudoColumns, constants }: OrderRequest,
  { start, entry, multiplicity }: { start: Address; entry: Address; multiplicity: Address },
): Promise<Uint32Array> {
  const width = columns.length + pseudoColumns.length;
  const blocks = blocksOf({ from: 0, to: distinct.group.length }, blockRows * 4);
  const mark = pool.memory.mark();
  const counts = pool.memory.allocateZeroed(blocks.length * width * 4);
  await pool.run(
    'countColumns',
    blocks.map(({ from, to }, i) => [from, to, start, entry, multiplicity, counts + i * width * 4]),
  );
  const total = new Uint32Array(width);
  const parts = pool.memory.u32(counts, blocks.length * width);
  for (const [i, count] of parts.entries()) total[i % width]! += count;
  pool.memory.release(mark);
  const customers = distinct.multiplicity.reduce((sum, times) => sum + times, 0);
  for (const packed of constants) total[packed >>> 8] = customers;
  return total;
}

/** Writes the sorted order of the rows to work.order. */
async function sortRows(work: Work, request: OrderRequest): Promise<void> {
  const { distinct, columns, pseudoColumns } = request;
  const { pool, rows, start, renamed, constants, group, order } = work;
  const { memory } = pool;
  const { ranks, groups } = rankGroups(distinct.group);
  const width = columns.length + pseudoColumns.length;
  const perGroup = groups * (width + 1) <= mostBins ? width + 1 : 1;
  const bins = groups * perGroup;
  const mark = memory.mark();
  const groupRank = memory.store(ranks);
  const binStart = memory.allocateZeroed((bins + 1) * 4);
  await pool.run('binRows', [[rows, start, renamed, constants, group, groupRank, perGroup, bins, binStart, order]]);
  const bounds = memory.u32(binStart, bins + 1);
  const { shares, largest } = shareBins(bounds);
  const bandBits = bandBitsOf(distinct.entry, request.constants);
  const bits = Math.max(1, Math.ceil(Math.log2(width * 2 ** bandBits + 1)));
  await pool.run(
    'sortBins',
    shares.map(({ from, to }) => [from, to, binStart, order, start, renamed, constants, bits, bandBits, largest]),
    1024 + largest * 20,
  );
  memory.release(mark);
}

/** How many of the 8 bits of a band are in use. */
function bandBitsOf(...packed: Uint32Array[]): number {
  let used = 0;
  for (const entries of packed) for (let i = 0; i < entries.length; i++) used |= entries[i]! & 0xff;
  return 32 - Math.clz32(used);
}

/** Cuts the bins into shares of about equal numbers of rows; bins of one row need no sorting. */
function shareBins(bounds: Uint32Array): { shares: { from: number; to: number }[]; largest: number } {
  const shares: { from: number; to: number }[] = [];
  let largest = 0;
  let from = 0;
  for (let bin = 0; bin + 1 < bounds.length; bin++) {
    largest = Math.max(largest, bounds[bin + 1]! - bounds[bin]!);
    if (bounds[bin + 1]! - bounds[from]! < sortedRows && bin + 2 < bounds.length) continue;
    shares.push({ from, to: bin + 1 });
    from = bin + 1;
  }
  return { shares, largest };
}

/** Dense ranks of the group numbers that occur: [largest + 1]. */
function rankGroups(group: Uint32Array): { ranks: Uint32Array; groups: number } {
  let largest = 0;
  for (const number of group) if (number > largest) largest = number;
  if (largest >= 2 ** 24) throw new AppError('bug', `group number ${largest}`, 'Number groups of customers from 0, below 2^24.');
  const ranks = new Uint32Array(largest + 1);
  for (const number of group) ranks[number] = 1;
  let groups = 0;
  for (let number = 0; number <= largest; number++) groups += ranks[number]! ? 1 : 0;
  let rank = 0;
  for (let number = 0; number <= largest; number++) ranks[number] = ranks[number]! ? rank++ : 0;
  return { ranks, groups };
}

/** Writes the rows in order; returns where each went. */
async function placeRows(
  work: Work,
  to: { start: Address; entry: Address; group: Address; multiplicity: Address },
  entries: number,
): Promise<Uint32Array> {
  const { pool, rows, start, renamed, constants, group, multiplicity, order } = work;
  const { memory } = pool;
  const blocks = blocksOf({ from: 0, to: rows }, blockRows);
  const lengths = await pool.run(
    'measureRows',
    blocks.map((block) => [block.from, block.to, order, start, constants]),
  );
  const mark = memory.mark();
  const rank = memory.allocate(rows * 4);
  let place = 0;
  const calls = blocks.map((block, i) => {
    const call = [
      ...[block.from, block.to, order, start, renamed, constants, group, multiplicity, place],
      ...[to.start, to.entry, to.group, to.multiplicity, rank],
    ];
    place += lengths[i]!;
    return call;
  });
  await pool.run('placeRows', calls);
  memory.u32(to.start, rows + 1)[rows] = entries;
  const ranks = memory.u32(rank, rows).slice();
  memory.release(mark);
  return ranks;
}
