// First tier, .1 s.
import type { SnapshotManifest } from '@basketwise/data';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../packages/pipeline/src/config/load.ts';
import { type GuardedRun, guardData } from '../../../packages/pipeline/src/stages/guards.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';

/** Extraction with some holdings of a class, beside many of another. */
const extracted = (insurance: number): GuardedRun['extract'] => ({
  customers: { kept: 1000, withoutHoldings: 0 },
  products: { read: 10 },
  holdings: { read: 9000, kept: 9000, unknownProduct: 0, excludedByWhere: 0, unknownCustomer: 0 },
  holdingsByClass: { deposit: 9000 - insurance, insurance },
  rules: [],
});

test('the loss of a class stops a run if it had 100 holdings, not if it had fewer', () => {
  const { config } = parseConfig(
    smallBank(2).config.replace(/^guards: .*$/m, 'guards: { max_row_drop: 0.5, max_share_change: 1 }'),
    'test',
  );
  const after = (insurance: number) => () =>
    guardData(config, extracted(0) as unknown as SnapshotManifest, { run: 'before', extract: extracted(insurance) });
  expect(after(100)).toThrow(/holdings of class insurance 100 -> 0/);
  expect(after(99)).not.toThrow();
});
