import { expect, test } from 'vitest';
import { checkRandomBanks } from '../property/pipeline/run-random.ts';

test('runs of 100 random banks serve every target a full list of products that are free and on sale, or count them under a reason; what cannot be served is refused as it must be', async () => {
  const { served, refused } = await checkRandomBanks(100, 7);
  expect(served).toBeGreaterThan(50);
  expect(refused['bad-data']).toBeGreaterThan(0);
}, 300_000);
