import { type BasketTable, createNodePool, createRandom, type KernelPool, topNLinear, unpackEntry } from '@basketwise/core';
import { linearScores, topNByFullSort } from '../../test/reference/top-n.ts';
import { bankBaskets, bankCsr } from './bank-baskets.ts';
import { customers, measure, reportRatios } from './measure.ts';

/** A random item-item matrix, random weights, and 7 of 10 products on sale. */
function modelOf({ memory, columns, entries }: BasketTable) {
  const { next } = createRandom(1);
  const width = columns.length;
  const values = Float32Array.from({ length: width * width }, () => next() ** 3);
  const weightValues = Float32Array.from({ length: entries }, next);
  const allowed = Uint8Array.from(columns, (_, column) => Number(column % 10 < 7 && column < width - 1));
  return { values, weightValues, allowed, matrix: memory.store(values), weights: memory.store(weightValues), stride: width };
}

async function prepare(pool: KernelPool) {
  const { table } = await bankBaskets(pool, await bankCsr(pool, customers));
  const model = modelOf(table);
  const run = async (n: number) => {
    const mark = pool.memory.mark();
    const { allowed, matrix, weights, stride } = model;
    await topNLinear({ pool, table, range: { from: 0, to: table.rows }, n, allowed, matrix, stride, weights });
    pool.memory.release(mark);
  };
  return { table, model, run };
}

/** Top-5 of the first rows by sorting all scores. */
function topFiveOfFew(
  { memory, columns, start, entry, rows, entries }: BasketTable,
  model: ReturnType<typeof modelOf>,
  few: number,
) {
  const starts = memory.u32(start, rows + 1);
  const all = memory.u32(entry, entries);
  for (let row = 0; row < few; row++) {
    const held = [...all.subarray(starts[row]!, starts[row + 1]!)].map(unpackEntry);
    const weights = [...model.weightValues.subarray(starts[row]!, starts[row + 1]!)];
    const scores = linearScores(model.values, columns.length, { entries: held }, weights);
    topNByFullSort(
      scores,
      columns,
      model.allowed,
      held.map(({ column }) => column),
      5,
    );
  }
}

const pools = [await createNodePool(1), await createNodePool(2)] as const;
const [one, two] = [await prepare(pools[0]), await prepare(pools[1])];
const { rows } = one.table;
const few = Math.min(rows, 1000);
const candidates = one.model.allowed.reduce((sum, may) => sum + may, 0);
const [single, double, , reference] = await measure(`Top-N of ${rows} baskets, ${candidates} candidates`, 'basket', [
  { name: 'top 5, 1 worker', units: rows, run: () => one.run(5) },
  { name: 'top 5, 2 workers', units: rows, run: () => two.run(5) },
  { name: 'top 10, 1 worker', units: rows, run: () => one.run(10) },
  { name: 'top 5, TypeScript reference', units: few, run: async () => topFiveOfFew(one.table, one.model, few) },
]);
reportRatios({
  'top-N, kernels against TypeScript': [single!, reference!],
  'top-N, 2 workers against 1': [double!, single!],
});
await Promise.all(pools.map((pool) => pool.close()));
