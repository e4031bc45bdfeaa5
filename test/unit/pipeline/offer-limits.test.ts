import { expect, test } from 'vitest';
import { offerLimits } from '../../../packages/pipeline/src/outcomes/outcomes.ts';

test('a capacity limits the groups that it names, of those that a run has', () => {
  const capacity = (named: { campaigns?: string[]; products?: string[] }) => ({
    ...{ campaigns: [], products: [], classes: [], cluster: {} },
    ...named,
  });
  const run = {
    ...{ run: 'r1', folder: '', date: '2022-06-30', hasOffers: true },
    output: { formats: ['parquet' as const], escape_formulas: false },
    draws: { capacity: { calls: capacity({ campaigns: ['cards', 'loans'] }), letters: capacity({ products: ['P2', 'P9'] }) } },
  };
  const groups = [
    ...['cards', 'loans', 'funds'].map((value) => ({ by: 'campaign' as const, value })),
    ...['P1', 'P2', 'P3'].map((value) => ({ by: 'product' as const, value })),
  ];
  expect(offerLimits(run, groups).filter(({ values }) => values.length > 0)).toEqual([
    { run: 'r1', by: 'campaign', values: ['cards', 'loans'] },
    { run: 'r1', by: 'product', values: ['P2'] },
  ]);
});
