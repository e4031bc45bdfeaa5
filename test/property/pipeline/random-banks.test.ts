import { expect, test } from 'vitest';
import { cases } from '../../cases.ts';
import { checkRandomBanks } from './run-random.ts';

const banks = cases(100, 50);

test('runs of random banks serve every target a full list of products that are free and on sale, or count them under a reason; what cannot be served is refused as it must be', async () => {
  const { served, refused } = await checkRandomBanks(banks, 1);
  expect(served).toBeGreaterThan(banks / 2);
  expect(refused['bad-data']).toBeGreaterThan(0);
});
