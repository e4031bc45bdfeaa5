// `npm run claim -- model-kinds`: what scoring costs with each kind of model: processor time per distinct basket for its five best of 150 products,
// on 30,000 made-up baskets of up to 6 of 439 products, 4 bands and a constant. One thread; the least of 5 runs.
import {
  createBlend,
  createRandom,
  fitAls,
  fitBpr,
  fitEase,
  fitLookup,
  fitPopularity,
  fitRules,
  type Model,
  tableFromRows,
} from '@basketwise/core';
import { createNodePool } from '@basketwise/core/node';

const [rows, products, onSale, runs] = [30_000, 439, 150, 5];
const columns = Array.from({ length: products + 1 }, (_, i) => `p${i}`);

/** Distinct baskets, popular products more often than others. */
function madeUpBaskets() {
  const random = createRandom(3);
  const baskets = new Map<string, { entries: { column: number; band: number }[]; multiplicity: number }>();
  while (baskets.size < rows) {
    const size = 1 + Math.floor(random.next() * 6);
    const held = new Set<number>();
    while (held.size < size) held.add(Math.floor(products * random.next() ** 3));
    const entries = [...held].sort((a, b) => a - b).map((column) => ({ column, band: Math.floor(random.next() * 4) }));
    entries.push({ column: products, band: 4 });
    baskets.set([...held].sort((a, b) => a - b).join(' '), { entries, multiplicity: 1 + Math.floor(random.next() * 5) });
  }
  return [...baskets.values()];
}

const pool = await createNodePool(1);
const table = tableFromRows(pool.memory, columns, madeUpBaskets(), 1);
const training = { pool, table, range: { from: 0, to: table.rows } };
const weights = [1, 0.75, 0.5, 0.25];
const als = await fitAls(training, {
  ...{ factors: 32, regularization: 40, alpha: 10, iterations: 3, weights, pseudoWeights: [1] },
});
const ease = await fitEase(training, { regularization: 100, value: new Float64Array(256).fill(1) });
const popularity = fitPopularity(training);
const lookup = fitLookup(training, ease, { prior: 10 });
const models: Record<string, Model> = {
  als,
  ease,
  popularity,
  lookup,
  rules: await fitRules(training, { minSupport: 0.001, longest: 3 }),
  bpr: await fitBpr(training, { factors: 32, regularization: 0.01, iterations: 1 }),
  blend: createBlend([
    { model: ease, scale: 'raw', weight: 1 },
    { model: lookup, scale: 'log', weight: 1 },
    { model: popularity, scale: 'log', weight: 0.5 },
  ]),
};
const allowed = Uint8Array.from(columns, (_, column) => (column < onSale ? 1 : 0));
console.log('| kind | processor microseconds per distinct basket |\n|---|---:|');
for (const [kind, model] of Object.entries(models)) {
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const mark = pool.memory.mark();
    const before = process.cpuUsage();
    await model.topN({ ...training, n: 5, allowed });
    const { user, system } = process.cpuUsage(before);
    taken.push((user + system) / rows);
    pool.memory.release(mark);
  }
  console.log(`| ${kind} | ${Math.min(...taken).toFixed(2)} |`);
}
await pool.close();
