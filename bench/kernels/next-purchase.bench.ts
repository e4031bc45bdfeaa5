import {
  acquiredBand,
  createNextPurchase,
  createNodePool,
  createRandom,
  fitAls,
  fitEase,
  fitLookup,
  fitLookupNext,
  fitPopularity,
  type TrainingSet,
  tableFromRows,
  unpackEntry,
} from '@basketwise/core';
import { topNByFullSort } from '../../test/reference/top-n.ts';
import { bankBaskets, bankCsr } from './bank-baskets.ts';
import { measure, reportRatios } from './measure.ts';

/** Customers: models are fitted, which takes longer than to score. */
const customers = 20_000;
const pool = await createNodePool(1);
const { table } = await bankBaskets(pool, await bankCsr(pool, customers));
const holdings: TrainingSet = { pool, table, range: { from: 0, to: table.rows } };
const width = table.columns.length;
const products = width - table.pseudoColumns;
const { next } = createRandom(1);
const start = table.memory.u32(table.start, table.rows + 1);
const entry = table.memory.u32(table.entry, table.entries);
const basketAt = (row: number) => [...entry.subarray(start[row]!, start[row + 1]!)].map(unpackEntry);

/** The product that holders of each basket might have taken next: one that they do not hold. */
function madeUpAcquisitions(): TrainingSet {
  const rows = Array.from({ length: table.rows }, (_, row) => {
    const basket = basketAt(row);
    const column = Math.floor(products * next() ** 3);
    const isHeld = basket.some((held) => held.column === column);
    return { entries: isHeld ? basket : [...basket, { column, band: acquiredBand }], multiplicity: 1 };
  });
  const made = tableFromRows(pool.memory, table.columns, rows, table.pseudoColumns);
  return { pool, table: made, range: { from: 0, to: made.rows } };
}

async function makeModel() {
  const acquisitions = madeUpAcquisitions();
  const weights = [1, 0.75, 0.5, 0.25];
  const popularity = fitPopularity(holdings);
  const upsell = fitPopularity(acquisitions, { of: 'upsell', byRecency: true });
  const als = await fitAls(holdings, { factors: 32, regularization: 40, alpha: 10, weights, pseudoWeights: [1], iterations: 2 });
  return createNextPurchase({
    members: [
      { model: popularity, weight: 0.4, level: null },
      { model: upsell, weight: 0.7, level: null },
      { model: fitLookupNext(acquisitions, upsell, { prior: 10, byRecency: true }), weight: 0.5, level: null },
      { model: fitLookup(holdings, popularity, { prior: 10 }), weight: 0.3, level: null },
      { model: await fitEase(holdings, { regularization: 100 }), weight: 2, level: null },
      { model: als, weight: 3, level: null },
    ],
    features: [],
    effects: new Float64Array(),
    candidates: allowed,
  });
}

const allowed = Uint8Array.from({ length: width }, (_, column) => Number(column % 10 < 7 && column < products));
const model = await makeModel();
const few = Math.min(table.rows, 300);
const listsOf = async (range: TrainingSet['range'], of: Pick<typeof model, 'topN'>) => {
  const mark = pool.memory.mark();
  await of.topN({ pool, table, range, n: 5, allowed, reasons: true });
  pool.memory.release(mark);
};
const als = model.parts.members.find((member) => member.model.kind === 'als')!.model;
const [kernels, ofAls, reference] = await measure(`Next purchase, ${table.rows} baskets`, 'basket', [
  { name: 'top 5 with reasons', units: table.rows, run: () => listsOf(holdings.range, model) },
  { name: 'top 5 with reasons, als alone', units: table.rows, run: () => listsOf(holdings.range, als) },
  {
    name: 'top 5, TypeScript reference',
    units: few,
    run: async () => {
      for (let row = 0; row < few; row++) {
        const basket = basketAt(row);
        const held = basket.map(({ column }) => column);
        topNByFullSort(Array.from(model.foldIn(basket)), table.columns, allowed, held, 5);
      }
    },
  },
]);
reportRatios({
  'next purchase, kernels against TypeScript': [kernels!, reference!],
  'next purchase, als alone against it': [kernels!, ofAls!],
});
await pool.close();
