import {
  centresFromRows,
  createNodePool,
  createRandom,
  fitCentres,
  type KernelPool,
  type Points,
  PointsBuilder,
} from '@basketwise/core';
import { lloyd } from '../../test/reference/lloyd.ts';
import { customers, measure, reportRatios } from './measure.ts';

const [columns, k, iterations] = [24, 8, 10];
const few = Math.min(customers, 4000);
const numeric = overlappingHeaps();

/** Twelve heaps that overlap, so that no run converges within the iterations: one array per column. */
function overlappingHeaps(): Float32Array[] {
  const { next } = createRandom(1);
  const all = Array.from({ length: columns }, () => new Float32Array(customers));
  for (let i = 0; i < customers; i++) {
    const heap = Math.floor(next() * 12);
    for (let f = 0; f < columns; f++) all[f]![i] = Math.sin(heap * 13 + f * 7) + next() + next() + next() - 1.5;
  }
  return all;
}

const startRows = (rows: number) => Array.from({ length: k }, (_, j) => Math.floor((j * rows) / k));

async function points(pool: KernelPool): Promise<Points> {
  const space = { numeric: numeric.map((_, f) => `x${f}`), categorical: [] };
  const builder = new PointsBuilder(pool, space, { capacity: customers });
  await builder.append({ rows: customers, numeric, codes: [] });
  return builder.finish();
}

async function cluster(of: Points): Promise<void> {
  const mark = of.pool.memory.mark();
  const start = centresFromRows(of, startRows(customers));
  await fitCentres(of, { k, start, tolerance: 0, maxIterations: iterations });
  of.pool.memory.release(mark);
}

const pools = [await createNodePool(1), await createNodePool(2)] as const;
const [one, two] = [await points(pools[0]), await points(pools[1])];
const rows = Array.from({ length: few }, (_, i) => numeric.map((column) => column[i]!));
const start = startRows(few).map((row) => rows[row]!);
const [single, double, reference] = await measure(`k-means of ${customers} x ${columns}, k = ${k}, one iteration`, 'row', [
  { name: '1 worker', units: customers * iterations, run: () => cluster(one) },
  { name: '2 workers', units: customers * iterations, run: () => cluster(two) },
  { name: 'TypeScript reference', units: few * iterations, run: async () => lloyd(rows, start, iterations) },
]);
reportRatios({
  'k-means, kernels against TypeScript': [single!, reference!],
  'k-means, 2 workers against 1': [double!, single!],
});
await Promise.all(pools.map((pool) => pool.close()));
