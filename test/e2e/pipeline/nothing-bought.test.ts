import { join } from 'node:path';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { smallBank, testBank } from './small-bank.ts';

const message = /no purchase of a product of any campaign in the year before 2022-08-31/;

test.each([
  ['has lost all dates', '', true],
  ['has bought nothing for years', '2010-01-15', true],
  ['bought in the year', '2022-01-15', false],
])('a bank that %s: a run says whether its probabilities rest on any purchase', async (_, day, isTold) => {
  const bank = smallBank(100);
  const { folder } = await testBank({ ...bank, holdings: bank.holdings.replace(/,[0-9-]+$/gm, `,${day}`) });
  const { warnings } = await runJob(await loadConfig(join(folder, 'basketwise.yaml')), { acceptDrop: true });
  expect(warnings.some((warning) => message.test(warning))).toBe(isTold);
});
