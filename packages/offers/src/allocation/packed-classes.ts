import {
  type Address,
  blocksOf,
  type KernelMemory,
  type KernelPool,
  nowhere,
  packedOffers,
  type RowRange,
  storeRecord,
} from '@basketwise/core';
import { cellPrices, type OfferCells } from './offer-problem.ts';

/**
 * Number of kernel calls for many classes, and for few classes; `few` is the limit between both.
 * The number depends only on the classes, so sums do not depend on the number of workers.
 */
const [parts, fewParts, few] = [8, 4, 2 ** 18];

/** Box of prices: the lowest and the highest price of each capacity. */
export interface PriceBox {
  low: Float64Array;
  high: Float64Array;
}

/** Customers of decided classes, whose shares are constant in a box: their number by cell (pair of group and item), and their value. */
interface DecidedCustomers {
  customers: Float64Array;
  worth: number;
}

/** Classes and their candidates that can have a share at some prices in a box, in kernel memory (assembly/offers/near.ts). */
export interface PackedClasses {
  classes: number;
  candidates: number;
  /** Record PackedOffers. */
  packed: Address;
  /** First candidate of each class, u32[classes + 1]. */
  begin: Address;
  decided: DecidedCustomers;
}

/** Packed classes, with their origin in the problem. */
export interface FoundClasses extends PackedClasses {
  /** Number of each class in the problem, u32[classes]; list entry of each candidate, u32[candidates]. */
  origin: Record<'classOf' | 'entry', Address>;
}

/** Divides classes into the parts of kernel calls. */
export function classRanges(classes: number): RowRange[] {
  return blocksOf({ from: 0, to: classes }, Math.max(1, Math.ceil(classes / (classes > few ? parts : fewParts))));
}

/**
 * Packs the candidates of the first `classes` classes that can have a share at some prices in a box, at a smoothing width.
 * The result and the inputs stay in kernel memory.
 * @param problem record OfferClasses
 */
export async function packClasses(
  pool: KernelPool,
  problem: Address,
  cells: OfferCells,
  { box: prices, width, classes: count }: { box: PriceBox; width: number; classes: number },
): Promise<FoundClasses> {
  const { memory } = pool;
  const rows = classRanges(count);
  const common = { problem, box: storeBox(memory, cells, prices), width, kept: memory.allocate(count * 4) };
  const counts = await pool.run(
    'packOffers',
    rows.map((row) => ({ ...row, ...common, packed: 0, at: 0, into: nowhere })),
  );
  const { size, starts } = partStarts(memory, rows, counts, common.kept);
  const origin = { classOf: memory.allocate(size.classes * 4), entry: memory.allocate(size.candidates * 4) };
  const { packed: into, begin } = allocatePacked(memory, size, origin);
  await pool.run(
    'packOffers',
    rows.map((row, i) => ({ ...row, ...common, ...starts[i]!, into })),
  );
  const customers = new Float64Array(cells.start.length - 1);
  return { ...size, packed: into, begin, origin, decided: { customers, worth: 0 } };
}

/** Packs the candidates that can have a share in a narrower box or at a smaller width. Counts classes that become decided separately. */
export async function narrowClasses(
  pool: KernelPool,
  { classes: count, packed: offers, decided: before }: PackedClasses,
  cells: OfferCells,
  { box: prices, width }: { box: PriceBox; width: number },
): Promise<PackedClasses> {
  const { memory } = pool;
  const rows = classRanges(count);
  const common = { offers, box: storeBox(memory, cells, prices), width, kept: memory.allocate(count * 4) };
  const sums = rows.map(() => ({ decided: memory.allocateZeroed((1 + before.customers.length) * 8) }));
  const counts = await pool.run(
    'narrowOffers',
    rows.map((row, i) => ({ ...row, ...common, ...sums[i]!, packed: 0, at: 0, into: nowhere })),
  );
  const decided = { customers: before.customers.slice(), worth: before.worth };
  for (const { decided: some } of sums) {
    const added = memory.f64(some, 1 + decided.customers.length);
    for (let cell = 0; cell < decided.customers.length; cell++) decided.customers[cell]! += added[1 + cell]!;
    decided.worth += added[0]!;
  }
  const { size, starts } = partStarts(memory, rows, counts, common.kept);
  const { packed: into, begin } = allocatePacked(memory, size);
  await pool.run(
    'narrowOffers',
    rows.map((row, i) => ({ ...row, ...common, ...sums[i]!, ...starts[i]!, into })),
  );
  return { ...size, packed: into, begin, decided };
}

/** Stores the low and high price of each cell, f64[cells x 2]. */
function storeBox(memory: KernelMemory, cells: OfferCells, { low, high }: PriceBox): Address {
  const count = cells.start.length - 1;
  const box = memory.allocate(count * 16);
  const priced = new Float64Array(count);
  for (const [side, prices] of [low, high].entries()) {
    cellPrices(cells, prices, priced);
    const stored = memory.f64(box, count * 2);
    for (let cell = 0; cell < count; cell++) stored[cell * 2 + side] = priced[cell]!;
  }
  return box;
}

/** Position of the first packed class and candidate of each kernel call. @param kept number of candidates of each class, u32[classes] */
function partStarts(
  memory: KernelMemory,
  rows: readonly RowRange[],
  counts: Float64Array,
  kept: Address,
): { size: { classes: number; candidates: number }; starts: { packed: number; at: number }[] } {
  const keptCounts = memory.u32(kept, rows.at(-1)?.to ?? 0);
  let [packed, at] = [0, 0];
  const starts: { packed: number; at: number }[] = [];
  for (const [i, { from, to }] of rows.entries()) {
    starts.push({ packed, at });
    packed += counts[i]!;
    for (let c = from; c < to; c++) at += keptCounts[c]!;
  }
  return { size: { classes: packed, candidates: at }, starts };
}

/** Allocates packed classes: the record PackedOffers, and the first candidate of each class. */
function allocatePacked(
  memory: KernelMemory,
  { classes, candidates }: { classes: number; candidates: number },
  origin: FoundClasses['origin'] = { classOf: nowhere, entry: nowhere },
): { packed: Address; begin: Address } {
  const begin = memory.allocate((classes + 1) * 4);
  const packed = storeRecord(memory, packedOffers, {
    ...{ begin, customers: memory.allocate(classes * 4), top: memory.allocate(classes * 4) },
    ...{ cell: memory.allocate(candidates * 4), worth: memory.allocate(candidates * 4), ...origin },
  });
  memory.u32(begin, classes + 1)[classes] = candidates;
  return { packed, begin };
}
