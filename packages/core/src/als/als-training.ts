import type { BasketTable } from '../baskets/basket-table.ts';
import { alsRowCounts, alsRows, alsSource } from '../generated/layouts.ts';
import { type Address, nowhere, offset, storeRecord } from '../wasm/memory.ts';
import type { KernelPool, RowRange } from '../wasm/pool.ts';
import { allocateItemMatrices, type ItemMatrices } from './als-item-matrices.ts';

/** Largest number of blocks into which a sum over rows is split. It is fixed, so that results never depend on the number of workers. */
const mostBlocks = 64;
/** Largest number of bytes of the matrices of all blocks together. */
const blockBytes = 2 ** 28;

/**
 * Training rows of an ALS fit in kernel memory, with space for the results of each sweep. They are arranged once per fit.
 * A short row has at most `longest` entries. It is solved in dual form, a linear system with one equation per entry.
 * A long row is solved in primal form, with one equation per factor.
 */
export interface AlsTraining {
  readonly pool: KernelPool;
  readonly table: BasketTable;
  /** First table row of the training rows. */
  readonly firstRow: number;
  readonly items: ItemMatrices;
  /** Confidence of each band, f64[256]. */
  readonly confidence: Address;
  /** Address of the first record of each block of short rows, and last the end of the last block. */
  readonly shortBlocks: readonly Address[];
  /** Bytes of scratch memory for the longest short row. */
  readonly shortScratch: number;
  /** Sums over the short rows of each block (see gramBytes). */
  readonly gram: Address;
  /** Number of long rows, which are solved in primal form. */
  readonly longRows: number;
  /** Number of long rows in one block. */
  readonly longBlockRows: number;
  readonly longRow: Address;
  readonly longWeight: Address;
  /** Customer factors of the long rows, f64[longRows x width]. */
  readonly x: Address;
  /** X'X over the long rows of each block, f64[blocks x width x width]. X are the customer factors. */
  readonly longSquare: Address;
  /** X'X over all rows, f64[width x width]. */
  readonly square: Address;
  /** Sums over short rows with multiplicity m and factors x, f64[width x width + width + 1]: sum m x x', sum m x, sum m. */
  readonly short: Address;
  /** Largest number of columns in the set of one product (see `ProductIndex.set`). */
  readonly mostNeighbours: number;
  /** Record of the rows for kernels, with their index by product and their sums: an AlsRows (assembly/als/layouts.ts). */
  readonly record: Address;
}

/** Index of the short rows by column, and the columns that occur together with each column. */
interface ProductIndex {
  /** Position in `place` and `band` at which the short rows of each column begin, u32[columns + 1]. */
  columnStart: Address;
  /** Addresses of the records of the rows that contain each column, u32[entries]. */
  place: Address;
  /** Recency bands of each column in these rows, u8[entries]. */
  band: Address;
  /** Set of the columns that occur together with each column in short rows, one bit per column: u32[columns x words]. */
  set: Address;
  words: number;
  /** Number of columns in each set, u32[columns]. 0 if the column's system is summed by factors (assembly/als/items.ts). */
  neighbours: Address;
  mostNeighbours: number;
}

/** Training rows of a fit, and the form in which each row is solved. */
export interface TrainingRequest {
  pool: KernelPool;
  table: BasketTable;
  range: RowRange;
  weight: Address | undefined;
  confidence: Float64Array;
  factors: number;
  /** Largest number of entries of a row solved in dual form; longer rows are solved in primal form. */
  longest: number;
  /** True: if computing the hat matrix K costs more than the dual form saves, all rows are solved in primal form. */
  dualMayPay: boolean;
}

interface AlsRowTotals {
  short: number;
  shortEntries: number;
  long: number;
  longEntries: number;
  /** Largest number of entries of a short row; -1 without short rows. */
  mostEntries: number;
  /** Number of short rows of each length, u32[longest + 1]. */
  lengths: Address;
}

/** Arranges the training rows of a fit in kernel memory. The caller releases the memory. */
export async function arrangeTraining(asked: TrainingRequest): Promise<AlsTraining> {
  const { pool, table, range } = asked;
  const { memory } = table;
  const confidence = memory.store(asked.confidence);
  const request = await withoutIdleHat(asked);
  const counts = await countRows(request);
  const items = allocateItemMatrices(memory, table.columns.length, request.factors, request.longest > 0);
  const records = memory.allocate((counts.short + counts.shortEntries) * 8);
  const longRow = memory.allocate(counts.long * 4);
  const longWeight = memory.allocate(counts.long * 4);
  const shortBlocks = await packRows(request, counts, items.products, { records, longRow, longWeight });
  const longBlockRows = Math.max(32, Math.ceil(counts.long / mostBlocks));
  const n = Math.max(0, counts.mostEntries);
  const { mostNeighbours, ...index } = await indexRows(pool, table, shortBlocks, counts, items.width);
  const rows = {
    ...{ start: table.start, entry: table.entry, longRow, longWeight, confidence, ...index },
    x: memory.allocate(counts.long * items.width * 8),
    square: memory.allocate(items.width ** 2 * 8),
    short: memory.allocate((items.width ** 2 + items.width + 1) * 8),
    ...(await indexLongRows(pool, table, longRow, counts)),
  };
  return {
    ...{ pool, table, items, confidence, shortBlocks, longBlockRows, mostNeighbours },
    ...{ longRow, longWeight, x: rows.x, square: rows.square, short: rows.short },
    record: storeRecord(memory, alsRows, rows),
    firstRow: range.from,
    longRows: counts.long,
    shortScratch: n * (n + 1) * 16,
    gram: memory.allocate((shortBlocks.length - 1) * gramBytes(items.products)),
    longSquare: memory.allocate(Math.ceil(counts.long / longBlockRows) * items.width ** 2 * 8),
  };
}

/** Sets `longest` of a request to 0 if computing the hat matrix K in each sweep takes more multiply-adds than dual form saves. */
async function withoutIdleHat(request: TrainingRequest): Promise<TrainingRequest> {
  const { table, factors: f, longest, dualMayPay } = request;
  if (!dualMayPay || longest === 0) return request;
  const columns = table.columns.length;
  const { lengths } = await countRows(request);
  // Multiply-adds for a row of n entries with f factors: solving the row, and adding it to the systems of its products.
  const primal = (n: number) => n * f * f + f ** 3 / 6 + 2 * f * f;
  const dual = (n: number) => n ** 3 / 3 + 2.5 * n * n;
  const saved = table.memory.u32(lengths, longest + 1).reduce((sum, rows, n) => sum + rows * (primal(n) - dual(n)), 0);
  return columns * f * (columns + f) > saved ? { ...request, longest: 0 } : request;
}

/** Stores the AlsSource record of the table's rows in kernel memory (assembly/als/layouts.ts). */
function storeSource({ table: { memory, start, entry, multiplicity }, weight = nowhere }: TrainingRequest): Address {
  return storeRecord(memory, alsSource, { start, entry, multiplicity, weight });
}

async function countRows(request: TrainingRequest): Promise<AlsRowTotals> {
  const { pool, table, range, longest } = request;
  const { memory } = table;
  const counts = memory.allocate(2 * alsRowCounts.recordBytes);
  const lengths = memory.allocate((longest + 1) * 4);
  await pool.run('countAlsRows', [{ source: storeSource(request), ...range, longest, counts, lengths }]);
  const words = memory.u32(counts, 2 * alsRowCounts.recordWords);
  const ofLong = words.subarray(alsRowCounts.recordWords);
  return {
    short: words[alsRowCounts.rows]!,
    shortEntries: words[alsRowCounts.entries]!,
    long: ofLong[alsRowCounts.rows]!,
    longEntries: ofLong[alsRowCounts.entries]!,
    mostEntries: memory.u32(lengths, longest + 1).findLastIndex((rows) => rows > 0),
    lengths,
  };
}

async function packRows(
  request: TrainingRequest,
  counts: AlsRowTotals,
  products: number,
  { records, longRow, longWeight }: { records: Address; longRow: Address; longWeight: Address },
): Promise<Address[]> {
  const { pool, table, range, longest } = request;
  const most = Math.max(2, Math.min(mostBlocks, Math.floor(blockBytes / (products ** 2 * 8))));
  const blockRows = Math.max(64, Math.ceil(counts.short / most), rowsWorthABlock(counts, products));
  const blocks = Math.ceil(counts.short / blockRows);
  const { memory } = table;
  const blockStart = memory.allocate((blocks + 1) * 4);
  const rows = { source: storeSource(request), ...range, longest, lengths: counts.lengths };
  await pool.run('packAlsRows', [{ ...rows, records, blockRows, blockStart, longRow, longWeight }]);
  return memory.addresses(blockStart, blocks + 1);
}

/**
 * Smallest number of short rows of a block. Each sweep clears the matrix G of a block (see gramBytes) and later adds it to the total.
 * In a smaller block, these two steps would cost more than its rows.
 * A row of n entries adds n^2 / 2 terms to G. The rows of a block add on average at least one term to each cell of G.
 */
function rowsWorthABlock({ short, shortEntries }: AlsRowTotals, products: number): number {
  const entries = shortEntries / Math.max(1, short);
  return Math.ceil(products ** 2 / Math.max(1, entries ** 2 / 2));
}

async function indexRows(
  pool: KernelPool,
  { memory, columns }: BasketTable,
  shortBlocks: readonly Address[],
  counts: AlsRowTotals,
  width: number,
): Promise<ProductIndex> {
  const words = Math.ceil(columns.length / 32);
  const columnStart = memory.allocate((columns.length + 1) * 4);
  const place = memory.allocate(counts.shortEntries * 4);
  const band = memory.allocate(counts.shortEntries);
  const set = memory.allocate(counts.short > 0 ? columns.length * words * 4 : 0);
  const records = { from: shortBlocks[0]!, to: shortBlocks.at(-1)! };
  await pool.run('indexAlsRows', [{ ...records, columns: columns.length, columnStart, place, band }]);
  const starts = memory.u32(columnStart, columns.length + 1).slice();
  const plans =
    counts.short === 0
      ? new Float64Array(columns.length)
      : await pool.run(
          'planAlsItem',
          columns.map((_, i) => ({
            places: offset(place, starts[i]! * 4),
            bands: offset(band, starts[i]!),
            count: starts[i + 1]! - starts[i]!,
            shortRows: counts.short,
            set: offset(set, i * words * 4),
            words,
            width,
          })),
        );
  const mostNeighbours = plans.reduce((most, k) => Math.max(most, k), 0);
  return { columnStart, place, band, set, words, neighbours: memory.store(Uint32Array.from(plans)), mostNeighbours };
}

async function indexLongRows(
  pool: KernelPool,
  { memory, columns, start, entry }: BasketTable,
  longRow: Address,
  counts: AlsRowTotals,
): Promise<{ longStart: Address; longPlace: Address }> {
  const longStart = memory.allocate((columns.length + 1) * 4);
  const longPlace = memory.allocate(counts.longEntries * 8);
  const rows = { start, entry, longRow, rows: counts.long };
  await pool.run('indexAlsLongRows', [{ ...rows, columns: columns.length, columnStart: longStart, place: longPlace }]);
  return { longStart, longPlace };
}

/**
 * Bytes of the sums over the short rows of one block. A row has multiplicity m and entry weights w.
 * The sums are G = sum m w w', f64[products x products], then sum m w, f64[products], then sum m and padding.
 */
export function gramBytes(products: number): number {
  return (products ** 2 + products + 8) * 8;
}
