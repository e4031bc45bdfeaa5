import { afterAll, beforeAll, expect, test } from 'vitest';
import { offerLimits } from '../../../packages/pipeline/src/outcomes/offer-limits.ts';
import { emptyEngine } from './feature-snapshot.ts';

let made: Awaited<ReturnType<typeof emptyEngine>>;
beforeAll(async () => {
  made = await emptyEngine();
});
afterAll(() => made.remove());

test('a limit counts the contacted customers of its groups who had an earlier offer, each once a group', async () => {
  const { engine } = made;
  // customer, campaign, product, arm, first with the control's draw, first with the experiment's draw
  await engine.run(`CREATE TABLE offers AS SELECT * FROM (VALUES
    ('1', 'cards', 'P1', 'offered', false, false), ('1', 'cards', 'P2', 'offered', false, false),
    ('2', 'cards', 'P1', 'offered', false, true), ('3', 'cards', 'P2', 'offered', true, true),
    ('4', 'cards', 'P1', 'control', false, false), ('5', 'loans', 'P3', 'offered', false, true))
    o(customer, campaign, product_code, arm, is_first, is_first_in_experiment)`);
  const capacity = (of: { campaigns?: string[]; products?: string[] }) => ({
    ...{ campaigns: [], products: [], classes: [], cluster: {} },
    ...of,
  });
  const run = {
    ...{ run: 'r1', folder: '', date: '2022-06-30', hasOffers: true },
    output: { formats: ['parquet' as const], escape_formulas: false },
    draws: {
      capacity: { calls: capacity({ campaigns: ['cards', 'loans'] }), letters: capacity({ products: ['P2'] }) },
      experiment: { salt: 'autumn', share: 0.5, name: 'popular' },
    },
  };
  const sqlOf = new Map([['product', 'product_code'] as const, ['experiment', "'popular'"] as const]);
  const found = [
    ...['cards', 'loans'].map((value) => ({ by: 'campaign' as const, value })),
    ...['P1', 'P2', 'P3'].map((value) => ({ by: 'product' as const, value })),
    { by: 'experiment' as const, value: 'popular' },
  ];
  expect(await offerLimits(engine, run, { table: 'offers', sqlOf, inArm: "arm = 'offered'" }, found)).toEqual([
    { run: 'r1', by: 'campaign', values: ['cards', 'loans'], before: 3 },
    { run: 'r1', by: 'product', values: ['P2'], before: 1 },
    { run: 'r1', by: 'experiment', values: ['popular'], before: 1 },
  ]);
});
