import { centreMove, clusterRun } from '../generated/layouts.ts';
import type { Address } from '../wasm/memory.ts';
import { categoryCount, laneCount } from './cluster-space.ts';
import { type Points, pointsPerBlock } from './points.ts';

/** Kernel memory for a run of Lloyd's algorithm with up to `k` clusters. Successive runs use it again. */
export interface LloydSpace {
  k: number;
  /** Cluster of each row, u16[rows]. */
  label: Address;
  upper: Address;
  lower: Address;
  sums: Address;
  parts: Address;
  lanes: Address;
  costs: Address;
  moves: Address;
  scales: Address;
  /** Record of the run for kernels, a ClusterRun (assembly/clusters/layouts.ts). */
  run: Address;
}

/** Allocates the memory for up to `k` clusters. The caller releases it. */
export function allocateLloyd(points: Points, k: number): LloydSpace {
  const { memory } = points.pool;
  const d = points.space.numeric.length;
  const categories = categoryCount(points.space);
  const lanes = laneCount(k);
  const length = k * (d + categories + 1);
  return {
    k,
    label: memory.allocate(points.rows * 2),
    upper: memory.allocate(points.rows * 4),
    lower: memory.allocate(points.rows * 4),
    sums: memory.allocate(length * 8),
    parts: memory.allocate(Math.ceil(points.rows / pointsPerBlock) * length * 8),
    lanes: memory.allocate(d * lanes * 8),
    costs: memory.allocate(categories * lanes * 8),
    moves: memory.allocate(k * centreMove.recordBytes),
    scales: memory.allocate((d + 1) * 8),
    run: memory.allocate(clusterRun.recordBytes),
  };
}
