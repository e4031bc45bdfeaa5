import {
  allocateLloyd,
  assignCentres,
  type Centres,
  centresFromRows,
  createRandom,
  defaultGamma,
  PointsBuilder,
} from '@basketwise/core/parts';
import { createKernelClock } from './kernel-clock.ts';
import type { LimitBench } from './limit-bench.ts';
import { customers } from './measure.ts';

const k = 8;
const lanes = 4 * Math.ceil(k / 4);
const categories = 6;

interface Shape {
  name: string;
  numeric: number;
  categorical: number;
}

/** One assignment of all rows to the nearest of k centres, without bounds from before: k-means of numbers, k-prototypes of both kinds. */
export async function clusterBenches(): Promise<LimitBench[]> {
  return Promise.all(
    [
      { name: 'k-means', numeric: 24, categorical: 0 },
      { name: 'k-prototypes', numeric: 12, categorical: 6 },
    ].map(assignment),
  );
}

async function assignment({ name, numeric, categorical }: Shape): Promise<LimitBench> {
  const clock = createKernelClock();
  const { pool } = clock;
  const { next } = createRandom(1);
  const space = {
    numeric: Array.from({ length: numeric }, (_, f) => `x${f}`),
    categorical: Array.from({ length: categorical }, (_, q) => ({
      name: `c${q}`,
      kind: 'native' as const,
      categories,
      weight: 1,
    })),
  };
  const builder = new PointsBuilder(pool, space, { capacity: customers });
  await builder.append({
    rows: customers,
    numeric: space.numeric.map(() => Float32Array.from({ length: customers }, () => next() + next() + next() - 1.5)),
    codes: space.categorical.map(() => Uint16Array.from({ length: customers }, () => Math.floor(categories * next()))),
  });
  const points = await builder.finish();
  const rows = Array.from({ length: k }, (_, j) => Math.floor((j * customers) / k));
  const centres: Centres = centresFromRows(points, rows);
  const lloyd = allocateLloyd(points, k);
  const gamma = defaultGamma(points);
  const run = async () => {
    clock.take();
    await assignCentres(points, centres, gamma, lloyd);
    return clock.take('assignRows');
  };
  return {
    ...{ name: `${name}, ${numeric} + ${categorical} columns, k = ${k}`, unit: 'row', units: customers, run },
    // Numbers and codes are read, the label read and written, both bounds written; then the row's numbers are read again for the sums (from a cache).
    bytes: 4 * numeric + 2 * categorical + 2 * 2 + 2 * 4,
    // A difference and its square per number and centre, counted as one; an addition per category and centre.
    multiplyAdds: (numeric + categorical) * lanes,
    precision: 'f32',
  };
}
