import { join } from 'node:path';
import { checkSources, type ExtractRequest, extractSnapshot, openSnapshot } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

async function both(request: Partial<ExtractRequest>, bank = smallBank) {
  const folder = await temporaryFolder();
  await writeBank(folder, bank);
  const engine = await openEngine(folder);
  const asked = smallRequest(request);
  return {
    check: () => checkSources(engine, asked),
    extract: async () => {
      await extractSnapshot(engine, asked, join(folder, 'snapshot'));
      const snapshot = await openSnapshot(join(folder, 'snapshot'), engine.options);
      const products = await snapshot.products();
      await snapshot.close();
      return products.map((product) => product.class);
    },
  };
}

test('a class that the config names and no product has is refused by a run, and by a look before it', async () => {
  const { check, extract } = await both({ classes: [{ name: 'deposits', place: 'rules[0].class' }] });
  const refusal = {
    code: 'config',
    message: 'rules[0].class: no product is of class `deposits`',
    hint: 'The products table has 2 others: compare its column gds_class with the config.',
  };
  await expect(check()).rejects.toMatchObject(refusal);
  await expect(extract()).rejects.toMatchObject(refusal);
});

test('classes are trimmed and compared like names', async () => {
  const products = smallBank.products
    .replace('deposit,99991231', ' deposit ,99991231')
    .replaceAll('insurance', '보험'.normalize('NFD'));
  const classes = ['deposit', '보험'].map((name) => ({ name, place: 'campaigns.a' }));
  const { check, extract } = await both({ classes }, { ...smallBank, products });
  await check();
  expect(await extract()).toEqual(['deposit', 'deposit', 'deposit', '보험', '보험']);
});
