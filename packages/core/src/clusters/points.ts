import { pointRows } from '../generated/layouts.ts';
import { createRandom } from '../numbers/random.ts';
import { type Address, nowhere } from '../wasm/address.ts';
import { type KernelMemory, storeRecord } from '../wasm/memory.ts';
import { blocksOf, type KernelPool, type RowRange } from '../wasm/pool.ts';
import { type ClusterSpace, categoryCount } from './cluster-space.ts';

/** Rows of one kernel call. Fixed: sums over rows are made block by block and merged in order. */
export const pointsPerBlock = 32_768;

/** Rows to cluster, in kernel memory. */
export interface Points {
  pool: KernelPool;
  space: ClusterSpace;
  /** Number of stored rows: distinct ones if equal rows were collapsed. */
  rows: number;
  /** Number of rows given. */
  sourceRows: number;
  /** Values, f32[rows x numeric]. */
  numeric: Address;
  /** Category codes, u16[rows x categorical], numbered across all columns. */
  codes: Address;
  /** Weights, f64[rows]; `nowhere`: all 1. */
  weight: Address;
  /** The rows for kernels: a PointRows (assembly/clusters/layouts.ts). */
  record: Address;
  /** Stored row of each source row, u32[source rows]; `nowhere` if they are the same. */
  map: Address;
  /** Upper bound of the total weight. The bounds determine the scales of the fixed-point sums. */
  totalWeight: number;
  maximumWeight: number;
  maximum: Float64Array;
  /** Population variance of each numeric column over the given rows. */
  variance: Float64Array;
  /** Number of given rows per category, one column after the other. */
  categoryCounts: Float64Array;
}

/** Stored rows of `count` source rows, one drawn from each of `count` equal ranges. */
export function drawRows(points: Points, count: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  const map = points.map > 0 ? points.pool.memory.u32(points.map, points.sourceRows) : undefined;
  return Uint32Array.from({ length: count }, (_, i) => {
    const row = Math.min(points.sourceRows - 1, Math.floor(((i + random.next()) * points.sourceRows) / count));
    return map?.[row] ?? row;
  });
}

/** Copies stored rows as separate points, one for each time that `rows` names them. Weights are copied too. */
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

/** Puts the record of rows into kernel memory. */
export function storePoints(
  memory: KernelMemory,
  space: ClusterSpace,
  rows: Pick<Points, 'numeric' | 'codes' | 'weight'>,
): Address {
  const shape = { d: space.numeric.length, c: space.categorical.length, categories: categoryCount(space) };
  return storeRecord(memory, pointRows, { ...rows, ...shape });
}

/** Fixed blocks of all rows. */
export function rowBlocks(rows: number, size = pointsPerBlock): RowRange[] {
  return blocksOf({ from: 0, to: rows }, size);
}
