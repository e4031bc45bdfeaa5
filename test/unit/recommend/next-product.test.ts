import { type BasketTable, createInlinePool, noDate, type PlainDate, type Product, stillOpen } from '@basketwise/core';
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

/** Baskets of products of class x (0, 1 and 2, of which 0 is off sale) and y (3 and 4). Those with product 4 hold many of x. */
function twoClassRows() {
  const held = Array.from({ length: 600 }, (_, customer) =>
    [0, 1, 2, 3, 4].filter((product) => {
      const rate = product < 3 && customer % 2 === 0 ? 0.8 : 0.3;
      return product === 4 ? customer % 2 === 0 : random(5 * customer + product, 7) < rate;
    }),
  );
  return {
    held,
    rows: {
      customer: Int32Array.from(held.flatMap((own, customer) => own.map(() => customer))),
      product: Int32Array.from(held.flat()),
      days: new Int32Array(held.flat().length).fill(noDate),
      closed: new Int32Array(held.flat().length).fill(stillOpen),
    },
  };
}

test.each(['cross', 'upsell'] as const)(
  'the share of a campaign depends on the products held, and on no draw: %s',
  async (kind) => {
    const classes = products.slice(0, 5).map((product, at) => {
      return { ...product, class: at < 3 ? 'x' : 'y', representative: at === 0 ? null : at };
    });
    const { held, rows } = twoClassRows();
    const own: CampaignPlan = { ...plan(null), kind, columns: ['x', 'y'] };
    const window = { at: date, from: date, to: date, folds: 5 };
    const pool = createInlinePool();
    const shareOf = async (tested: number) => {
      const records = recordsOfRows(rows, { customers: held.length, products: classes });
      const bank = await loadBankAt(pool, records, settings, [own], window, { hide: { tested, unknown: 1 } });
      const { columns } = await campaignTable(pool, bank, own);
      return { share: fitShare(bank, own, columns), elsewhere: bank.elsewhere! };
    };
    const { share, elsewhere } = await shareOf(0);
    expect(elsewhere.size).toBeGreaterThan(50);
    const counts = { all: { expected: 0, taken: 0 }, with4: { expected: 0, taken: 0 } };
    for (const [customer, all] of held.entries()) {
      if (elsewhere.has(customer) || all.length < 2) continue;
      for (const out of all) {
        const left = all.filter((product) => product !== out);
        const isTarget = left.some((product) => product < 3) === (kind === 'upsell') && !(left.includes(1) && left.includes(2));
        if (!isTarget) continue;
        const z = left.reduce((sum, product) => sum + share.effects[classes[product]!.code]!, share.level);
        for (const count of left.includes(4) ? [counts.all, counts.with4] : [counts.all]) {
          count.expected += logistic(z) / all.length;
          count.taken += (out === 1 || out === 2 ? 1 : 0) / all.length;
        }
      }
    }
    // the prior has half a customer with a candidate, and half a one without
    expect(counts.all.expected).toBeCloseTo(counts.all.taken + 0.5 - logistic(share.level), 1);
    expect(counts.with4.expected / counts.with4.taken).toBeCloseTo(1, 1);
    const again = (await shareOf(2)).share;
    expect(again.level).toBeCloseTo(share.level, 10);
    expect(again.effects).toEqual(share.effects);
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
  const { share, slopes, offset } = calibration as unknown as NextProduct;
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
        Math.exp(utilityTerms(scores[column]!, at + 1, offset).reduce((sum, term, i) => sum + slopes[i]! * term, 0)),
      );
      const all = weights.reduce((sum, weight) => sum + weight, 0);
      const own = [...held].reduce((sum, column) => sum + (share.effects[table.columns[column]!] ?? 0), 0);
      const ofRow = logistic(share.level + own);
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
  const share = { level: 0, effects: {} };
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
