import { pointRows } from '../generated/layouts.ts';
import { createRandom } from '../numbers/random.ts';
import { type Address, type KernelMemory, nowhere, storeRecord } from '../wasm/memory.ts';
import { blocksOf, type KernelPool, type RowRange } from '../wasm/pool.ts';
import { type ClusterSpace, categoryCount } from './cluster-space.ts';

/** Number of rows in one kernel call. It is fixed, so that sums over rows do not depend on the number of workers. */
export const pointsPerBlock = 32_768;

/** Rows to cluster, in kernel memory. */
export interface Points {
  pool: KernelPool;
  space: ClusterSpace;
  /** Number of stored rows. If equal rows were merged, it is the number of distinct rows. */
  rows: number;
  /** Number of source rows: those given by the caller, before equal rows were merged. */
  sourceRows: number;
  /** Values, f32[rows x numeric]. */
  numeric: Address;
  /** Category codes, u16[rows x categorical], numbered across all columns. */
  codes: Address;
  /** Weight of each row, f64[rows]. `nowhere` if all weights are 1. */
  weight: Address;
  /** Record of the rows for kernels, a PointRows (assembly/clusters/layouts.ts). */
  record: Address;
  /** Stored row of each source row, u32[sourceRows]. `nowhere` if no rows were merged. */
  map: Address;
  /** Upper bound of the total weight. This bound and the two below determine the scales of the fixed-point sums. */
  totalWeight: number;
  maximumWeight: number;
  maximum: Float64Array;
  /** Population variance of each numeric column over the source rows. */
  variance: Float64Array;
  /** Number of source rows with each category, f64[all categories]. */
  categoryCounts: Float64Array;
}

/** Draws one source row from each of `count` equal ranges. Returns the numbers of their stored rows. */
export function drawRows(points: Points, count: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  const map = points.map > 0 ? points.pool.memory.u32(points.map, points.sourceRows) : undefined;
  return Uint32Array.from({ length: count }, (_, i) => {
    const row = Math.min(points.sourceRows - 1, Math.floor(((i + random.next()) * points.sourceRows) / count));
    return map?.[row] ?? row;
  });
}

/** Copies the stored rows with the numbers `rows` into new memory. A number given twice yields two rows. Copies given weights too. */
export function copyPoints(points: Points, rows: Uint32Array): Points {
  const { memory } = points.pool;
  const d = points.space.numeric.length;
  const c = points.space.categorical.length;
  const weighted = points.weight > 0 && points.map === 0;
  const numeric = memory.allocate(rows.length * d * 4);
  const codes = memory.allocate(rows.length * c * 2);
  const weight = weighted ? memory.allocate(rows.length * 8) : nowhere;
  const fromNumeric = memory.f32(points.numeric, points.rows * d);
  const fromCodes = memory.u16(points.codes, points.rows * c);
  const toNumeric = memory.f32(numeric, rows.length * d);
  const toCodes = memory.u16(codes, rows.length * c);
  rows.forEach((row, i) => {
    toNumeric.set(fromNumeric.subarray(row * d, row * d + d), i * d);
    toCodes.set(fromCodes.subarray(row * c, row * c + c), i * c);
  });
  let totalWeight = rows.length;
  if (weighted) {
    const from = memory.f64(points.weight, points.rows);
    const to = memory.f64(weight, rows.length);
    totalWeight = rows.reduce((sum, row, i) => {
      to[i] = from[row]!;
      return sum + from[row]!;
    }, 0);
  }
  const maximumWeight = weighted ? points.maximumWeight : 1;
  return {
    ...points,
    rows: rows.length,
    sourceRows: rows.length,
    numeric,
    codes,
    weight,
    record: storePoints(memory, points.space, { numeric, codes, weight }),
    map: nowhere,
    totalWeight,
    maximumWeight,
  };
}

/** Stores the record of the rows in kernel memory, a PointRows (assembly/clusters/layouts.ts). */
export function storePoints(
  memory: KernelMemory,
  space: ClusterSpace,
  rows: Pick<Points, 'numeric' | 'codes' | 'weight'>,
): Address {
  const shape = { d: space.numeric.length, c: space.categorical.length, categories: categoryCount(space) };
  return storeRecord(memory, pointRows, { ...rows, ...shape });
}

/** Ranges of `size` rows that cover all rows, in order. */
export function rowBlocks(rows: number, size = pointsPerBlock): RowRange[] {
  return blocksOf({ from: 0, to: rows }, size);
}
