import {
  type AlsModel,
  type BasketTable,
  createNodePool,
  createRandom,
  fitAls,
  type KernelPool,
  tableFromRows,
  unpackEntry,
} from '@basketwise/core';
import { plainAls } from '../../test/reference/als.ts';
import { bankBaskets, bankCsr } from './bank-baskets.ts';
import { customers, measure, reportRatios } from './measure.ts';

const sweeps = 5;
const factors = Number(process.env.BENCH_FACTORS ?? 64);
const parameters = {
  factors,
  regularization: 40,
  alpha: 10,
  weights: [1, 0.75, 0.5, 0.25],
  pseudoWeights: [1],
  iterations: sweeps,
};

/** Sweeps over the first rows of a table, the arranging of its rows included. */
async function sweepAll(pool: KernelPool, table: BasketTable, rows = table.rows, iterations = sweeps): Promise<AlsModel> {
  return fitAls({ pool, table, range: { from: 0, to: rows } }, { ...parameters, iterations });
}

/** The same customers, one row each. */
function expanded({ memory, columns, pseudoColumns, rows, start, entry, entries, multiplicity }: BasketTable): BasketTable {
  const starts = memory.u32(start, rows + 1);
  const all = memory.u32(entry, entries);
  const times = memory.u32(multiplicity, rows);
  const single = Array.from({ length: rows }, (_, row) => ({
    entries: [...all.subarray(starts[row]!, starts[row + 1]!)].map(unpackEntry),
  }));
  const repeated = single.flatMap((row, i) => Array.from({ length: times[i]! }, () => row));
  return tableFromRows(memory, columns, repeated, pseudoColumns);
}

async function topFive(pool: KernelPool, table: BasketTable, model: AlsModel): Promise<void> {
  const mark = pool.memory.mark();
  const allowed = new Uint8Array(table.columns.length).fill(1);
  await model.topN({ pool, table, range: { from: 0, to: table.rows }, n: 5, allowed });
  pool.memory.release(mark);
}

/** One sweep of the float64 reference over the first rows. */
function sweepPlainly({ memory, columns, rows, start, entry, entries }: BasketTable, few: number): void {
  const starts = memory.u32(start, rows + 1);
  const all = memory.u32(entry, entries);
  const { next } = createRandom(1);
  const plainRows = Array.from({ length: few }, (_, row) => ({
    entries: [...all.subarray(starts[row]!, starts[row + 1]!)].map((packed) => ({
      column: unpackEntry(packed).column,
      confidence: 10,
    })),
  }));
  plainAls(
    plainRows,
    columns.map(() => Array.from({ length: factors }, next)),
    40,
    1,
  );
}

/** Rows as long as those of films: 600 viewers of 3,700 films, 125 each on average, so that rows are solved in primal form. */
function films(pool: KernelPool): BasketTable {
  const { next } = createRandom(2);
  const columns = Array.from({ length: 3700 }, (_, i) => `F${String(i).padStart(4, '0')}`);
  const rows = Array.from({ length: 600 }, () => {
    const held = new Set(Array.from({ length: 40 + Math.floor(200 * next()) }, () => Math.floor(3700 * next() ** 3)));
    return { entries: [...held].map((column) => ({ column, band: 0 })) };
  });
  return tableFromRows(pool.memory, columns, rows);
}

async function prepare(pool: KernelPool) {
  const { table } = await bankBaskets(pool, await bankCsr(pool, customers));
  return { pool, table, model: await sweepAll(pool, table) };
}

const pools = [await createNodePool(1), await createNodePool(2)] as const;
const [one, two] = [await prepare(pools[0]), await prepare(pools[1])];
const { rows } = one.table;
const few = Math.min(rows, 300);
const each = expanded(one.table);
const long = films(pools[0]);
const basket = [0, 3, 9].map((column) => ({ column, band: 1 }));
const title = `ALS of ${rows} baskets of ${each.rows} customers, f = ${factors}, one sweep`;
const [single, double, apart, , , small, reference] = await measure(title, 'row', [
  { name: 'customers and items, 1 worker', units: rows * sweeps, run: () => sweepAll(one.pool, one.table) },
  { name: 'customers and items, 2 workers', units: rows * sweeps, run: () => sweepAll(two.pool, two.table) },
  { name: 'not collapsed, 1 worker', units: each.rows * sweeps, run: () => sweepAll(one.pool, each) },
  { name: 'weights and top 5, 1 worker', units: rows, run: () => topFive(one.pool, one.table, one.model) },
  { name: 'long rows, primal, 1 worker', units: long.rows * sweeps, run: () => sweepAll(pools[0], long) },
  { name: `first ${few} baskets, 1 worker`, units: few, run: () => sweepAll(one.pool, one.table, few, 1) },
  { name: `first ${few} baskets, TypeScript reference`, units: few, run: async () => sweepPlainly(one.table, few) },
  { name: 'fold-in of one basket', units: 1, run: async () => one.model.foldIn(basket) },
]);
reportRatios({
  'ALS sweep, kernels against TypeScript': [small!, reference!],
  'ALS sweep, collapsed against not': [single! * rows, apart! * each.rows],
  'ALS sweep, 2 workers against 1': [double!, single!],
});
await Promise.all(pools.map((pool) => pool.close()));
