import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSources, type ExtractRequest, extractSnapshot, findDataFaults } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallRequest, temporaryFolder, writeBank } from './bank.ts';

type By = 'code' | 'name' | 'campaign';

/** Faults of contacts, and whether a run and `--dry-run` refuse the same contacts. */
async function faultsOf(by: By, rows: readonly string[]) {
  const folder = await temporaryFolder();
  await writeBank(folder);
  await writeFile(join(folder, 'contacts.csv'), `customer,what,day\n${rows.map((row) => `${row},2022-08-01\n`).join('')}`);
  const engine = await openEngine(folder);
  const contacts = { from: 'contacts.csv', customer: 'customer', what: 'what', by, when: 'day' };
  const request: ExtractRequest = smallRequest({ offers: { classes: ['deposit'], campaigns: ['upsell'], contacts } });
  const { faults } = await findDataFaults(engine, request);
  const ofContacts = faults.filter(({ table }) => table === 'contacts');
  const messageOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: Error) => error.message,
    );
  const refused = await messageOf(extractSnapshot(engine, request, join(folder, 'snapshot')));
  expect(await messageOf(checkSources(engine, request))).toBe(refused);
  return { found: ofContacts.map(({ what, effect }) => `${effect}: ${what}`), refused };
}

test('a log of contacts without rows is no fault, like in a run', async () => {
  expect(await faultsOf('code', [])).toEqual({ found: [], refused: null });
});

test('more unknown subjects than a statement lists end a run, and so do the missing ones with them', async () => {
  const unknown = Array.from({ length: 1001 }, (_, i) => `007,X${i}`);
  const { found, refused } = await faultsOf('code', [...unknown, '12,X0', '007,']);
  expect(found).toEqual(['stops: 1 rows have no what', 'stops: 1002 rows have no code of a product in what']);
  expect(refused).toBe('tables.contacts: no what of contacts.csv is the code of a product');
  const some = await faultsOf('code', [...unknown, '007, D002 ', '007,']);
  expect(some).toEqual({
    found: ['left out: 1 rows have no what', 'left out: 1001 rows have no code of a product in what'],
    refused: null,
  });
});

test('a campaign is compared exactly, as in a run', async () => {
  const { found, refused } = await faultsOf('campaign', ['007," upsell "', '12, upsell']);
  expect(found).toEqual(['stops: 2 rows have no campaign of this config in what']);
  expect(refused).toBe('tables.contacts: no what of contacts.csv is a campaign of this config');
});

test('rows without a customer and rows without a product end a run together, if no row is left', async () => {
  const { found, refused } = await faultsOf('code', ['99,D002', '007,X1', '98,X2']);
  expect(found).toEqual([
    'stops: 2 rows have no customer of the customers table in customer',
    'stops: 2 rows have no code of a product in what',
  ]);
  expect(refused).toBe(
    'tables.contacts: no row of contacts.csv has both a customer in customer and the code of a product in what',
  );
  const one = await faultsOf('code', ['99,X1', '98,X2', '007,D002', '007,X3']);
  expect(one.found.map((text) => text.split(':')[0])).toEqual(['left out', 'left out']);
  expect(one.refused).toBeNull();
  const customers = await faultsOf('code', ['99,D002', '98,X1']);
  expect(customers.found.map((text) => text.split(':')[0])).toEqual(['stops', 'left out']);
});

test('unknown and missing customers together end a run', async () => {
  const { found, refused } = await faultsOf('name', ['99,정기예금', ',정기예금']);
  expect(found).toEqual(['stops: 1 rows have no customer', 'stops: 1 rows have no customer of the customers table in customer']);
  expect(refused).toBe('tables.contacts: no customer of contacts.csv is a customer');
});
