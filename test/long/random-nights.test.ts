import { expect, test } from 'vitest';
import { checkRandomBanks } from '../property/pipeline/run-random.ts';

// some 15 seconds of processor time; `npm run claim -- fuzz` has many more
test('after nights that were done again, rolled back from or of one campaign, tonight is that of a fresh folder and reads out what latest was', async () => {
  expect((await checkRandomBanks(4, 7, 1)).nights).toBeGreaterThan(1);
});
