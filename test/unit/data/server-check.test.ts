import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkServer, type SourceCheck } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallRequest, temporaryFolder, writeBank } from './bank.ts';

test('the check of a server looks at the contacts table of offers, too', async () => {
  const checks = async (from: string) => {
    const folder = await temporaryFolder();
    await writeBank(folder);
    await writeFile(join(folder, 'contacts.csv'), 'customer,what,day\n007,D002,2022-08-01\n');
    const contacts = { from, customer: 'customer', what: 'what', by: 'code', when: 'day' } as const;
    const request = smallRequest({ offers: { classes: ['deposit'], campaigns: ['upsell'], contacts } });
    const found: SourceCheck[] = [];
    for await (const one of checkServer(await openEngine(folder), { name: 'DuckDB', login: 'as guest' }, request))
      found.push(one);
    return found;
  };
  const found = await checks('contacts.csv');
  expect(found.map(({ name }) => name)).toEqual([
    ...['DuckDB', 'tables.customers', 'tables.products', 'tables.holdings', 'tables.contacts'],
  ]);
  expect(found.filter(({ failure }) => failure)).toEqual([]);
  expect(found[1]!.text).toMatch(/: \d+ rows, \d+ columns$/);
  expect(found.at(-1)!.text).toContain('contacts.csv: 1 rows');
  expect((await checks('absent.csv')).at(-1)).toMatchObject({ name: 'tables.contacts', failure: { code: 'missing-input' } });
});
