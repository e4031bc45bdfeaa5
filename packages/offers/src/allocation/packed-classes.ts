import { type Address, blocksOf, type KernelMemory, type KernelPool, nowhere, type RowRange } from '@basketwise/core/parts';
import { cellPrices, type OfferCells } from './offer-problem.ts';

/**
 * Numbers of parts that many classes and few are divided into: dependent on the number of classes alone, so that sums do not depend on the
 * workers.
 */
const [parts, fewParts, few] = [8, 4, 2 ** 18];

/** An offer problem in kernel memory, in the kernels' format. */
export interface StoredProblem {
  list: Address;
  width: number;
  start: Address;
  listed: Address;
  worth: Address;
  group: Address;
  rest: Address;
  restStart: Address;
  restItem: Address;
  itemCount: number;
  offered: Address;
}

/** Box of prices of the capacities, for which candidates are known. */
export interface PriceBox {
  low: Float64Array;
  high: Float64Array;
}

/** Customers of classes with constant shares in a box: the number of each cell, and their value. */
interface DecidedCustomers {
  customers: Float64Array;
  worth: number;
}

/** Classes and their candidates with a share at some prices in a box, in kernel memory (assembly/offers/near.ts). */
export interface PackedClasses {
  classes: number;
  candidates: number;
  /** u32[classes + 1], u32[classes], f32[classes], then u32 and f32 of each candidate. */
  packed: Record<'begin' | 'customers' | 'top' | 'cell' | 'worth', Address>;
  decided: DecidedCustomers;
}

/** Classes as packed from the problem. */
export interface FoundClasses extends PackedClasses {
  /** u32[classes]: class of the problem; u32: entry of each candidate. */
  origin: Record<'classOf' | 'entry', Address>;
}

/** Divides classes into the parts of kernel calls. */
export function classRanges(classes: number): RowRange[] {
  return blocksOf({ from: 0, to: classes }, Math.max(1, Math.ceil(classes / (classes > few ? parts : fewParts))));
}

/**
 * Packs the candidates of the first `classes` classes that may have a share of a width at any prices in a box. The result and its inputs
 * stay in memory.
 */
export async function packClasses(
  pool: KernelPool,
  { width: columns, ...stored }: StoredProblem,
  cells: OfferCells,
  { box, width, classes: count }: { box: PriceBox; width: number; classes: number },
): Promise<FoundClasses> {
  const { memory } = pool;
  const rows = classRanges(count);
  const common = { ...stored, columns, ...storeBox(memory, cells, box), width, kept: memory.allocate(count * 4) };
  const none = {
    ...{ classOf: nowhere, begin: nowhere, customers: nowhere, top: nowhere },
    cell: nowhere,
    entry: nowhere,
    value: nowhere,
  };
  const counts = await pool.run(
    'packOffers',
    rows.map((row) => ({ ...row, ...common, ...none, packed: 0, at: 0 })),
  );
  const { size, starts } = partStarts(memory, rows, counts, common.kept);
  const packed = allocatePacked(memory, size);
  const origin = { classOf: memory.allocate(size.classes * 4), entry: memory.allocate(size.candidates * 4) };
  const { worth: value, ...to } = packed;
  await pool.run(
    'packOffers',
    rows.map((row, i) => ({ ...row, ...common, ...to, ...origin, value, ...starts[i]! })),
  );
  const customers = new Float64Array(cells.start.length - 1);
  return { ...size, packed, origin, decided: { customers, worth: 0 } };
}

/**
 * Packs the remaining candidates of packed classes in a narrower box, or for a narrower width, and separates classes that are decided
 * there.
 */
export async function narrowClasses(
  pool: KernelPool,
  { classes: count, packed: from, decided: before }: PackedClasses,
  cells: OfferCells,
  { box, width }: { box: PriceBox; width: number },
): Promise<PackedClasses> {
  const { memory } = pool;
  const rows = classRanges(count);
  const common = { ...from, ...storeBox(memory, cells, box), width, kept: memory.allocate(count * 4) };
  const none = { toBegin: nowhere, toCustomers: nowhere, toTop: nowhere, toCell: nowhere, toWorth: nowhere };
  const sums = rows.map(() => ({
    decided: memory.allocateZeroed(before.customers.length * 8),
    decidedWorth: memory.allocateZeroed(8),
  }));
  const counts = await pool.run(
    'narrowOffers',
    rows.map((row, i) => ({ ...row, ...common, ...none, ...sums[i]!, packed: 0, at: 0 })),
  );
  const decided = { customers: before.customers.slice(), worth: before.worth };
  for (const { decided: some, decidedWorth } of sums) {
    const customers = memory.f64(some, decided.customers.length);
    for (let cell = 0; cell < customers.length; cell++) decided.customers[cell]! += customers[cell]!;
    decided.worth += memory.f64(decidedWorth, 1)[0]!;
  }
  const { size, starts } = partStarts(memory, rows, counts, common.kept);
  const packed = allocatePacked(memory, size);
  const to = {
    ...{ toBegin: packed.begin, toCustomers: packed.customers, toTop: packed.top, toCell: packed.cell, toWorth: packed.worth },
  };
  await pool.run(
    'narrowOffers',
    rows.map((row, i) => ({ ...row, ...common, ...sums[i]!, ...to, ...starts[i]! })),
  );
  return { ...size, packed, decided };
}

function storeBox(memory: KernelMemory, cells: OfferCells, { low, high }: PriceBox): Record<'low' | 'high', Address> {
  const count = cells.start.length - 1;
  const store = (prices: Float64Array) => {
    const stored = memory.allocate(count * 8);
    cellPrices(cells, prices, memory.f64(stored, count));
    return stored;
  };
  return { low: store(low), high: store(high) };
}

/** First class and candidate of each part. @param kept u32: candidates of each class */
function partStarts(
  memory: KernelMemory,
  rows: readonly RowRange[],
  counts: Float64Array,
  kept: Address,
): { size: { classes: number; candidates: number }; starts: { packed: number; at: number }[] } {
  const found = memory.u32(kept, rows.at(-1)?.to ?? 0);
  let [packed, at] = [0, 0];
  const starts: { packed: number; at: number }[] = [];
  for (const [i, { from, to }] of rows.entries()) {
    starts.push({ packed, at });
    packed += counts[i]!;
    for (let c = from; c < to; c++) at += found[c]!;
  }
  return { size: { classes: packed, candidates: at }, starts };
}

function allocatePacked(
  memory: KernelMemory,
  { classes, candidates }: { classes: number; candidates: number },
): PackedClasses['packed'] {
  const packed = {
    ...{ begin: memory.allocate((classes + 1) * 4), customers: memory.allocate(classes * 4) },
    ...{ top: memory.allocate(classes * 4), cell: memory.allocate(candidates * 4), worth: memory.allocate(candidates * 4) },
  };
  memory.u32(packed.begin, classes + 1)[classes] = candidates;
  return packed;
}
