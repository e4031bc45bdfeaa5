import { test } from 'vitest';
import { checkRandomBanks } from './run-random.ts';

test('runs of 10 random banks serve every target a full list of products that are free and on sale, or count him under a reason', async () => {
  await checkRandomBanks(10, 1);
}, 120_000);
