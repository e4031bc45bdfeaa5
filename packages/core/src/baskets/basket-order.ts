import { AppError } from '../error.ts';
import { log2 } from '../numbers/elementary.ts';
import { type Address, offset } from '../wasm/memory.ts';
import { blocksOf, type KernelPool, type RowRange } from '../wasm/pool.ts';
import type { BasketTable } from './basket-table.ts';
import type { CollapsedRows } from './collapse.ts';

/** Rows of one kernel call. */
const rowsPerPass = 2 ** 14;
/** Fewest rows of a sorting call; the last call may have fewer. A call sorts whole bins. */
const sortedRows = 2 ** 14;
/** Largest number of bins. More bins would take memory and save no time. */
const mostBins = 2 ** 24;
/** Upper limit of the number of groups, because each group takes at least one bin. */
const groupLimit = 2 ** 28;

/** Distinct rows to order, and their columns. */
export interface OrderRequest {
  pool: KernelPool;
  distinct: CollapsedRows;
  /** Product code of each column, in the column order of the rows. */
  columns: readonly string[];
  /** Names of the pseudo-products, whose columns follow those of the products. */
  pseudoColumns: readonly string[];
}

/** A table in its canonical order, and the position of each source row in it. */
export interface OrderedBaskets {
  table: BasketTable;
  /** Table row of each source row, u32[rows]. */
  rank: Uint32Array;
  /** Customers who hold each column, u32[columns of the table]. */
  holders: Uint32Array;
}

/** Records in kernel memory, and the space to which their sorted order is written. */
interface OrderWork {
  pool: KernelPool;
  distinct: CollapsedRows;
  records: Address;
  order: Address;
  /** Number of columns, pseudo-columns included. */
  width: number;
}

/** Addresses of the table's arrays. */
interface TableAddresses {
  start: Address;
  entry: Address;
  multiplicity: Address;
  group: Address;
}

/**
 * Writes distinct rows to kernel memory as a table. Releases all other memory that it allocated.
 * Columns are numbered by falling popularity (ties: product code). Rows are sorted by group, then by entries.
 * @throws AppError bug for group numbers of 2^28 and more
 */
export async function orderBaskets({ pool, distinct, columns, pseudoColumns }: OrderRequest): Promise<OrderedBaskets> {
  const { memory } = pool;
  const { rows, entries } = distinct;
  const target: TableAddresses = {
    start: memory.allocate((rows + 1) * 4),
    entry: memory.allocate(entries * 4),
    multiplicity: memory.allocate(rows * 4),
    group: memory.allocate(rows * 4),
  };
  const mark = memory.mark();
  const width = columns.length + pseudoColumns.length;
  const work: OrderWork = { pool, distinct, width, order: memory.allocate(rows * 4), records: memory.store(distinct.records) };
  const counted = await countHolders(work);
  const byHolders = codeOrder(columns).sort((a, b) => counted[b]! - counted[a]!);
  const newOrder = [...byHolders, ...pseudoColumns.map((_, i) => columns.length + i)];
  await renameColumns(work, newOrder);
  await sortRows(work);
  const rank = await placeRows(work, target);
  memory.release(mark);
  const names = [...byHolders.map((column) => columns[column]!), ...pseudoColumns];
  return {
    table: { memory, columns: names, pseudoColumns: pseudoColumns.length, rows, entries, ...target },
    rank,
    holders: Uint32Array.from(newOrder, (column) => counted[column]!),
  };
}

/** Customers who hold each column, u32[width]. */
async function countHolders({ pool, distinct, records, width }: OrderWork): Promise<Uint32Array> {
  const { memory } = pool;
  const mark = memory.mark();
  const counts = memory.allocateZeroed(distinct.blocks.length * width * 4);
  await pool.run(
    'countColumns',
    distinct.blocks.map(({ from, to }, i) => ({ records, from, to, counts: offset(counts, i * width * 4) })),
  );
  const total = new Uint32Array(width);
  const parts = memory.u32(counts, distinct.blocks.length * width);
  for (let i = 0; i < parts.length; i++) total[i % width]! += parts[i]!;
  memory.release(mark);
  return total;
}

async function renameColumns({ pool, distinct, records }: OrderWork, newOrder: readonly number[]): Promise<void> {
  const { memory } = pool;
  const mark = memory.mark();
  const rank = new Uint32Array(newOrder.length);
  for (const [place, column] of newOrder.entries()) rank[column] = place;
  const address = memory.store(rank);
  await pool.run(
    'renameColumns',
    distinct.blocks.map(({ from, to }) => ({ records, from, to, rank: address })),
  );
  memory.release(mark);
}

/** Writes the sorted order of the records to `work.order`. */
async function sortRows(work: OrderWork): Promise<void> {
  const { pool, distinct, records, order, width } = work;
  const { memory } = pool;
  const { groups, bandBits } = await survey(work);
  const perGroup = groups * (width + 1) <= mostBins ? width + 1 : 1;
  const bins = groups * perGroup;
  const mark = memory.mark();
  const binStart = memory.allocateZeroed((bins + 1) * 4);
  await pool.run('binRows', [{ records, words: distinct.records.length, perGroup, bins, binStart, order }]);
  const { shares, largest } = shareBins(memory.u32(binStart, bins + 1));
  const bits = Math.max(1, Math.ceil(log2(width * 2 ** bandBits + 1)));
  await pool.run(
    'sortBins',
    shares.map(({ from, to }) => ({ from, to, binStart, order, records, bits, bandBits, largest })),
    1024 + largest * 20,
  );
  memory.release(mark);
}

/**
 * Reads all records once. Returns the number of groups (the largest group number + 1), and how many low bits the band numbers
 * use.
 */
async function survey({ pool, distinct, records }: OrderWork): Promise<{ groups: number; bandBits: number }> {
  const surveys = await pool.run(
    'surveyRecords',
    distinct.blocks.map(({ from, to }) => ({ records, from, to })),
  );
  const largest = surveys.reduce((most, value) => Math.max(most, Math.floor(value / 256)), 0);
  const bands = surveys.reduce((bits, value) => bits | (value % 256), 0);
  if (largest >= groupLimit) {
    throw new AppError('bug', `group number ${largest}`, 'Number groups of customers from 0, below 2^28.');
  }
  return { groups: largest + 1, bandBits: 32 - Math.clz32(bands) };
}

/**
 * Divides the bins into ranges for the sorting calls, each of at least `sortedRows` rows except the last. Also returns `largest`,
 * the number of rows of the largest bin.
 */
function shareBins(bounds: Uint32Array): { shares: RowRange[]; largest: number } {
  const shares: RowRange[] = [];
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

/** Writes the records to the table in their order; returns the table row of each record. */
async function placeRows({ pool, distinct, records, order }: OrderWork, target: TableAddresses): Promise<Uint32Array> {
  const { memory } = pool;
  const { rows, entries } = distinct;
  const blocks = blocksOf({ from: 0, to: rows }, rowsPerPass);
  const lengths = await pool.run(
    'measureRows',
    blocks.map(({ from, to }) => ({ from, to, order, records })),
  );
  const mark = memory.mark();
  const rank = memory.allocate(rows * 4);
  let place = 0;
  const calls = blocks.map(({ from, to }, i) => {
    place += lengths[i]!;
    return { from, to, order, records, place: place - lengths[i]!, ...target, rank };
  });
  await pool.run('placeRows', calls);
  memory.u32(target.start, rows + 1)[rows] = entries;
  const ranks = memory.u32(rank, rows).slice();
  memory.release(mark);
  return ranks;
}

/** Compares two product codes by their UTF-8 bytes. This is the order of code points, in every locale. */
export function compareCodes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates (0xd800 to 0xdfff) encode code points above all other 16-bit units.
    return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
}

function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Positions of the elements of `codes`, in the order that sorts them by `compareCodes`. Equal codes stay in their order. */
export function codeOrder(codes: readonly string[]): number[] {
  return codes.map((_, i) => i).sort((a, b) => compareCodes(codes[a]!, codes[b]!) || a - b);
}
