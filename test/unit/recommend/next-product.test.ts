import { type BasketTable, createInlinePool, noDate, type PlainDate, type Product, stillOpen } from '@basketwise/core/parts';
import {
  type BankSettings,
  bankOfRecords,
  type CampaignPlan,
  campaignTable,
  hash,
  isNextProduct,
  listTools,
  loadBankAt,
  logistic,
  recommend,
  recordsOfRows,
  scoreCampaign,
} from '@basketwise/recommend';
import { expect, test } from 'vitest';
import { type NextProduct, utilityTerms } from '../../../packages/recommend/src/campaigns/next-product.ts';
import { fitShare } from '../../../packages/recommend/src/evaluation/fit-share.ts';
import { fitSlopes, type ScoredChoice } from '../../../packages/recommend/src/evaluation/fit-slopes.ts';
import { heldOutShare } from '../../../packages/recommend/src/evaluation/held-out-share.ts';
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

/** Values of L drawn from 0 to 4, of customers who take a candidate with the log odds -3 + slope x L, and of the others. */
function drawnShares(count: number, slope: number) {
  const drawn = Array.from({ length: count }, (_, at) => 4 * random(at, 5));
  const isTaken = (logSum: number, at: number) => random(at, 6) < logistic(-3 + slope * logSum);
  const [taken, others] = [drawn.filter(isTaken), drawn.filter((logSum, at) => !isTaken(logSum, at))].map((some) =>
    Float64Array.from(some),
  ) as [Float64Array, Float64Array];
  const mean = drawn.reduce((sum, logSum) => sum + logistic(-3 + slope * logSum), 0) / count;
  return { taken, others, published: Float64Array.from([...taken, ...others]), mean };
}

test('the share of a campaign follows the log of the sum over its candidates, and its mean is the share of all', () => {
  const popular = { taken: 0, others: 0 };
  const { mean, ...cases } = drawnShares(4000, 0.8);
  const share = fitShare({ ...cases, popular }, mean);
  expect(share.slope).toBeCloseTo(0.8, 1);
  expect(share.level).toBeCloseTo(-3, 0);
  // the published model has sums of its own: the slope holds, the mean stays
  const published = cases.published.map((logSum) => logSum + 0.7);
  const moved = fitShare({ ...cases, published, popular }, mean);
  expect(moved.slope).toBe(share.slope);
  const mass = published.reduce((sum, logSum) => sum + logistic(moved.level + moved.slope * logSum), 0);
  expect(mass / published.length).toBeCloseTo(mean, 4);
  // larger sums never lower the share, and few customers hardly change it
  expect(fitShare({ ...drawnShares(2000, -0.5), popular }, 0.2).slope).toBe(0);
  const few = { taken: Float64Array.of(3), others: Float64Array.of(1), published: Float64Array.of(3, 1), popular };
  expect(fitShare(few, 0.2).slope).toBeLessThan(1);
  expect(fitShare({ ...drawnShares(0, 0), popular: { taken: 30, others: 50 } }, 0.1).popular).toBeCloseTo(0.32, 10);
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

test.each(['cross', 'upsell'] as const)(
  'the share of held-out products of a campaign is counted without a draw: %s',
  async (kind) => {
    const classes = products.map((product, at) => ({
      ...product,
      class: at % 3 === 0 ? 'x' : 'y',
      representative: at > 0 ? at : null,
    }));
    const held = rows();
    const records = recordsOfRows(held, { customers: 400, products: classes });
    const own: CampaignPlan = { ...plan(null), kind, columns: ['x', 'y'] };
    const window = { at: date, from: date, to: date, folds: 5 };
    const pool = createInlinePool();
    const bank = await loadBankAt(pool, records, settings, [own], window, { hide: { tested: 0, unknown: 1 } });
    const { columns } = await campaignTable(pool, bank, own);
    const counts = { targets: 0, taken: 0 };
    for (let customer = 0; customer < 400; customer++) {
      if (bank.elsewhere!.has(customer)) continue;
      const all = Array.from(held.product).filter((_, at) => held.customer[at] === customer);
      for (const out of all) {
        const left = all.some((product) => product !== out && product % 3 === 0);
        if (left !== (kind === 'upsell')) continue;
        counts.targets += 1 / all.length;
        if (out % 3 === 0 && out > 0) counts.taken += 1 / all.length;
      }
    }
    expect(bank.elsewhere!.size).toBeGreaterThan(50);
    expect(heldOutShare(bank, own, columns)).toBeCloseTo((counts.taken + 0.5) / (counts.targets + 1), 10);
  },
);

/** Bank of the drawn rows with one campaign, and its lists. */
async function recommended(spec: CampaignPlan['spec']) {
  const pool = createInlinePool();
  const own = plan(spec);
  const records = recordsOfRows(rows(), { customers: 400, products });
  const bank = bankOfRecords({ pool, records, settings, plans: [own], date });
  const [advice] = await recommend(bank, [own], date, { pool, settings });
  return { pool, own, bank, ...advice! };
}

test.each(some(models, 1))('probabilities are a softmax over all candidates, of which a list names some: %s', async (_, spec) => {
  const { pool, own, bank, scored, models, calibration } = await recommended(spec);
  const { share, slopes } = calibration as unknown as NextProduct;
  expect(share.slope === 0).toBe(spec !== null);
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
      const ofRow = logistic(share.level + share.slope * Math.log(all));
      for (let at = start[row]!; at < start[row + 1]!; at++) {
        const expected = (ofRow * weights[order.indexOf(table.columns.indexOf(products[product[at]!]!.code))]!) / all;
        expect(probability![at]! / expected).toBeCloseTo(1, 3);
      }
    }
  });
});

/** Number of products in the first basket. */
function heldOf({ memory, start, rows, columns, pseudoColumns, entry, entries }: BasketTable): number {
  const to = memory.u32(start, rows + 1)[1]!;
  return [...memory.u32(entry, entries).subarray(0, to)].filter((packed) => packed >>> 8 < columns.length - pseudoColumns).length;
}

test('probabilities of backfill that would rise with the rank are replaced by their mean, so that their sum stays', async () => {
  const { pool, own, bank, models: trained, calibration } = await recommended(models[0][1]);
  if (calibration === null || !isNextProduct(calibration)) throw new Error('no probabilities of the next product');
  const share = { ...calibration.share, popular: 0.5 };
  await bank.now(own, async (now) => {
    const campaign = await campaignTable(pool, now, own);
    const tools = listTools({ ...settings, fallback: 'popularity' }, pool, [6]);
    const popular = { ...trained, all: null };
    const lists = await scoreCampaign(tools, now, campaign, popular);
    const codes = Array.from(lists.results.units.product.subarray(0, 6), (product) => products[product]!.code);
    // later entries have more holders
    const holders = Object.fromEntries(codes.map((code, at) => [code, at + 1]));
    const { results } = await scoreCampaign(tools, now, campaign, popular, { ...calibration, share, holders });
    const { start, probability } = results.units;
    const first = Array.from(probability!.subarray(start[0], start[1]));
    expect(new Set(first).size).toBe(1);
    const unheld = width - codes.length - heldOf(campaign.table);
    expect(first.reduce((sum, one) => sum + one, 0)).toBeCloseTo((0.5 * 21) / (21 + 0.5 * unheld), 5);
  });
});
