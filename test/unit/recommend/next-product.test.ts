import { createInlinePool, noDate, type PlainDate, type Product, stillOpen } from '@basketwise/core/parts';
import {
  type BankSettings,
  bankOfRecords,
  type CampaignPlan,
  campaignTable,
  hash,
  recommend,
  recordsOfRows,
} from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { type NextProduct, utilityTerms } from '../../../packages/recommend/src/campaigns/next-product.ts';
import { fitSlopes, type ScoredChoice } from '../../../packages/recommend/src/evaluation/fit-slopes.ts';
import { some } from '../../cases.ts';

const random = (at: number, seed: number) => (hash(at, seed) + 0.5) / 2 ** 32;

/** Choices of five candidates with two terms, drawn with some slopes. */
function drawnChoices(count: number, slopes: readonly [number, number]): ScoredChoice[] {
  return Array.from({ length: count }, (_, at) => {
    const terms = Float64Array.from({ length: 10 }, (_, i) => 4 * random(10 * at + i, 1) - 2);
    const weight = Array.from({ length: 5 }, (_, i) => Math.exp(slopes[0] * terms[2 * i]! + slopes[1] * terms[2 * i + 1]!));
    const sums = weight.map((_, i) => weight.slice(0, i + 1).reduce((sum, one) => sum + one, 0));
    const taken = sums.findIndex((sum) => random(at, 2) * sums.at(-1)! < sum);
    return { terms, taken };
  });
}

test('slopes are those that choices were drawn with, and those of the prior without choices', () => {
  const wide = { mean: 0, spread: 100 };
  const [first, second] = fitSlopes(drawnChoices(4000, [1.3, 0.4]), [wide, wide]);
  expect(first).toBeCloseTo(1.3, 1);
  expect(second).toBeCloseTo(0.4, 1);
  // a slope below 0 would raise probabilities with the rank
  expect(fitSlopes(drawnChoices(400, [1, -0.5]), [wide, wide])[1]).toBe(0);
  expect(fitSlopes([], [{ mean: 1, spread: 0.5 }])).toEqual([1]);
});

const date = '2022-08-31' as PlainDate;
const settings: BankSettings = {
  tables: { holdings: { date: null } },
  recency: { bands: [{ weight: 1 }] },
  evaluate: { window: { months: 1, days: 0 }, gap: null, bootstrap: 0, seed: 0 },
  ...{ top_n: 6, rules: [] },
};
const width = 80;
const products = Array.from({ length: width }, (_, product): Product => {
  const code = String(product).padStart(2, '0');
  return { ...{ product, code, name: code, class: 'x', groupKey: code }, onSale: true, representative: product };
});

/** 400 customers, each with four to six products of one of two halves of 80, the first of a half being most frequent. */
function rows() {
  const held = Array.from({ length: 400 }, (_, customer) => {
    const own = new Set<number>();
    for (let i = 0; own.size < 4 + (customer % 3); i++)
      own.add((customer % 2) * 40 + Math.floor(40 * random(100 * customer + i, 3) ** 2));
    return [...own].sort((a, b) => a - b).map((product) => ({ customer, product }));
  }).flat();
  return {
    customer: Int32Array.from(held, ({ customer }) => customer),
    product: Int32Array.from(held, ({ product }) => product),
    days: new Int32Array(held.length).fill(noDate),
    closed: new Int32Array(held.length).fill(stillOpen),
  };
}

const plan = (spec: CampaignPlan['spec']): CampaignPlan => ({
  ...{ name: 'all', kind: 'upsell', class: 'x', columns: ['x'], scheme: null, pooling: 'none', train: 'all', rules: [] },
  ...{ model: spec === null ? { kind: 'automatic' } : spec, spec },
});

const models = [
  ['with scores that are no utilities', { kind: 'ease', regularization: 30, constant: 1, context: 0 }],
  ['learned', null],
] as const;

test.each(some(models, 1))('probabilities are a softmax over all candidates, of which a list names some: %s', async (_, spec) => {
  const pool = createInlinePool();
  const own = plan(spec);
  const bank = bankOfRecords({
    pool,
    records: recordsOfRows(rows(), { customers: 400, products }),
    settings,
    plans: [own],
    date,
  });
  const [advice] = await recommend(bank, [own], date, { pool, settings });
  const { scored, models, calibration } = advice!;
  const { share, slopes } = calibration as unknown as NextProduct;
  const { start, product, probability } = scored.results.units;
  await bank.now(own, async (now) => {
    const { table } = await campaignTable(pool, now, own);
    const [starts, entries] = [table.memory.u32(table.start, table.rows + 1), table.memory.u32(table.entry, table.entries)];
    for (let row = 0; row < table.rows; row += 37) {
      const basket = [...entries.subarray(starts[row], starts[row + 1])].map((packed) => ({
        column: packed >>> 8,
        band: packed & 255,
      }));
      const scores = models.all!.foldIn(basket);
      const held = new Set(basket.map(({ column }) => column));
      const order = products.map(({ code }) => table.columns.indexOf(code)).filter((column) => !held.has(column));
      order.sort((a, b) => scores[b]! - scores[a]! || a - b);
      const weights = order.map((column, at) =>
        Math.exp(utilityTerms(scores[column]!, at + 1).reduce((sum, term, i) => sum + slopes[i]! * term, 0)),
      );
      const all = weights.reduce((sum, weight) => sum + weight, 0);
      for (let at = start[row]!; at < start[row + 1]!; at++) {
        const expected = (share * weights[order.indexOf(table.columns.indexOf(products[product[at]!]!.code))]!) / all;
        expect(probability![at]! / expected).toBeCloseTo(1, 3);
      }
    }
  });
});
