import {
  type BankRecords,
  createInlinePool,
  daysSinceEpoch,
  type Model,
  type PlainDate,
  type Product,
  stillOpen,
} from '@basketwise/core';
import {
  type Advice,
  type BankSettings,
  bankOfRecords,
  type CampaignPlan,
  listNow,
  recommend,
  recommendTo,
  recordsOfRows,
} from '@basketwise/recommend';
import { expect, test } from 'vitest';

const date = '2022-08-31' as PlainDate;
const months = (count: number) => ({ months: count, days: 0 });

const settings: BankSettings = {
  tables: { holdings: { date: 'opened' } },
  recency: { bands: [{ within: months(12), weight: 1 }, { weight: 0.5 }] },
  evaluate: { window: months(1), gap: null, bootstrap: 0, seed: 0 },
  top_n: 2,
  rules: [],
};

const products = ['A', 'B', 'C', 'D'].map((code, product): Product => {
  return { ...{ product, code, name: code, class: 'x', groupKey: code }, onSale: true, representative: product };
});

/** 120 customers: each has held A for years, takes B in a month of the year, and half of them C a month later. */
function rows() {
  const today = daysSinceEpoch(date);
  const held = Array.from({ length: 120 }, (_, customer) => {
    const taken = today - 30 * (customer % 12) - 5;
    const all = [
      [0, today - 2000],
      [1, taken],
    ];
    if (customer % 2 === 0 && taken + 30 <= today) all.push([2, taken + 30]);
    return all.map(([product, day]) => ({ customer, product: product!, day: day! }));
  }).flat();
  return {
    customer: Int32Array.from(held, ({ customer }) => customer),
    product: Int32Array.from(held, ({ product }) => product),
    days: Int32Array.from(held, ({ day }) => day),
    closed: new Int32Array(held.length).fill(stillOpen),
  };
}

const named: CampaignPlan = {
  ...{ name: 'named', kind: 'upsell', class: 'x', columns: ['x'], scheme: null, pooling: 'none', train: 'holders', rules: [] },
  model: { kind: 'popularity' },
  spec: { kind: 'popularity', of: 'holders' },
};
const learned: CampaignPlan = { ...named, name: 'learned', model: { kind: 'automatic' }, spec: null };

async function advise(
  plans: readonly CampaignPlan[],
  change: (records: BankRecords) => BankRecords = (records) => records,
  own = settings,
): Promise<Advice[]> {
  const pool = createInlinePool();
  const records = change(recordsOfRows(rows(), { customers: 120, products }));
  return await recommend(bankOfRecords({ pool, records, settings: own, plans, date }), plans, date, { pool, settings: own });
}

const listsOf = ({ scored: { results } }: Advice) => {
  const { product, score } = results.units;
  return { unit: [...results.unit], product: [...product], score: [...score] };
};

test('models that the plan names are taken as they are, others are chosen', async () => {
  const [first, second] = await advise([named, learned]);
  expect(first!.choice).toBeNull();
  expect(second!.choice!.spec.kind).toBe('next-purchase');
  expect(first!.calibration!.campaign).toBe('named');
  for (const { scored } of [first!, second!]) {
    expect(scored.counts.served).toBe(120);
    expect([...scored.results.units.probability!].every((chance) => chance > 0 && chance < 1)).toBe(true);
  }
});

test('the lists of a campaign do not depend on those beside it', async () => {
  const [alone] = await advise([named]);
  const [, beside] = await advise([learned, named]);
  // how much of them is bought leans on all campaigns
  expect(listsOf(beside!)).toEqual(listsOf(alone!));
});

test('holdings are read once for the lists and once for all that is learned, however many campaigns there are', async () => {
  const read: string[] = [];
  const counted = (records: BankRecords): BankRecords => ({
    ...records,
    holdings: () => expect.unreachable('holdings are read from the history'),
    history(asOf, options) {
      read.push(asOf);
      return records.history(asOf, options);
    },
  });
  await advise([named, learned, { ...learned, name: 'other' }], counted);
  expect(read).toEqual([date, date]);
});

test('the terms of a model are stored once for all clusters that it serves', async () => {
  const pool = createInlinePool();
  const records = recordsOfRows(rows(), { customers: 120, products });
  const clusters = new Map([['c', { clusters: Int16Array.from({ length: 120 }, (_, i) => i % 5), count: 5 }]]);
  const plan: CampaignPlan = { ...learned, scheme: 'c', pooling: 'partial' };
  const facts = async () => ({ clusters, eligible: [] });
  const source = bankOfRecords({ pool, records, settings, plans: [plan], date, facts });
  const [advice] = await recommend(source, [plan], date, { pool, settings });
  const { models, calibration, scored } = advice!;
  let prepared = 0;
  const all: Model = {
    ...models.all!,
    prepare(request) {
      prepared++;
      return models.all!.prepare!(request);
    },
  };
  const again = await listNow(source, plan, { models: { ...models, all }, calibration }, { pool, settings });
  expect(again.results).toEqual(scored.results);
  expect(new Set(again.results.units.cluster).size).toBe(5);
  expect(prepared).toBe(1);
});

test('what was opened after the date of the lists is not known to them', async () => {
  const [now] = await advise([named]);
  const more = rows();
  const at = (values: Int32Array, last: number) => Int32Array.of(...values, last);
  const grown = {
    ...{ customer: at(more.customer, 119), product: at(more.product, 3), days: at(more.days, daysSinceEpoch(date) + 1) },
    closed: at(more.closed, stillOpen),
  };
  const [then] = await advise([named], () => recordsOfRows(grown, { customers: 120, products }));
  // models have functions, which are equal to themselves alone
  const { models: _, ...found } = then!;
  const { models: __, ...expected } = now!;
  expect(found).toEqual(expected);
});

test('without dates a probability is that of the next product, and falls with the rank', async () => {
  const undated = { ...settings, tables: { holdings: { date: null } } };
  const [first, second] = await advise([named, learned], undefined, undated);
  for (const one of [first!, second!]) {
    expect(one.calibration).toMatchObject({ campaign: one.plan.name, window: { folds: 5 } });
    const { start, probability } = one.scored.results.units;
    expect(listsOf(one).product.length).toBeGreaterThan(0);
    for (let row = 0; row + 1 < start.length; row++) {
      const list = [...probability!.subarray(start[row], start[row + 1])];
      expect(list).toEqual(list.toSorted((a, b) => b - a));
      const sum = list.reduce((total, one) => total + one, 0);
      expect(sum).toBeLessThanOrEqual(1);
      expect(sum).toBeGreaterThanOrEqual(0);
    }
  }
});

test('a date does not date holdings: without days a probability is that of the next product', async () => {
  const { customer, product } = rows();
  const holdings = { customer, product, products: products.map(({ code }) => code) };
  const plain = await recommendTo(createInlinePool(), holdings, { n: 2 });
  const dated = await recommendTo(createInlinePool(), holdings, { n: 2, date });
  for (const lists of [plain, dated]) {
    expect(lists.of(1).length).toBeGreaterThan(0);
    expect(lists.calibration).toMatchObject({ window: { folds: 5 } });
    expect(lists.of(1).every(({ probability }) => probability !== null && probability <= 1)).toBe(true);
  }
  expect(dated.of(1)).toEqual(plain.of(1));
});

test('days of joining need a date of the lists', async () => {
  const { customer, product } = rows();
  const joined = new Int32Array(120).fill(daysSinceEpoch(date) - 100);
  joined[1] = daysSinceEpoch(date) + 1;
  const holdings = { customer, product, joined, products: products.map(({ code }) => code) };
  await expect(recommendTo(createInlinePool(), holdings)).rejects.toMatchObject({ code: 'usage' });
  const lists = await recommendTo(createInlinePool(), holdings, { date });
  expect(lists.of(1)).toEqual([]);
  expect(lists.of(3).length).toBeGreaterThan(0);
});
