import { expect, test } from 'vitest';
import { cases } from '../../cases.ts';
import { checkRandomBanks } from './run-random.ts';

test('runs of random banks serve every target a full list of products that are free and on sale, or count them under a reason; what cannot be served is refused as it must be', async () => {
  const { served, refused } = await checkRandomBanks(cases(100), 1);
  expect(served).toBeGreaterThan(cases(100) / 2);
  expect(refused['bad-data']).toBeGreaterThan(0);
});
