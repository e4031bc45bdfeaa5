import { join } from 'node:path';
import { checkSources, extractSnapshot, findDataFaults } from '@basketwise/data';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

const derived = (sql: string) => ({ derive: { HDT: sql }, columns: [{ name: 'HDT', kind: 'number' as const }] });
const own = { derive: {}, columns: [{ name: 'HD', kind: 'number' as const }] };

test.each([
  ['text', 'HD', 'zwei', own],
  ['a blank', 'HD', '" "', own],
  ['derived text', 'HDT', '2', derived("CASE WHEN AGE = 41 THEN 'x' ELSE '1' END")],
  ['a derived blank', 'HDT', '2', derived("CASE WHEN AGE = 41 THEN ' ' ELSE '1' END")],
])('%s where a number is needed is found by doctor, by --dry-run, and by a run', async (_, name, value, asked) => {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers: smallBank.customers.replace('가나,41,2,', `가나,41,2,${value}`) });
  const engine = await openEngine(folder);
  const request = smallRequest({ ...asked, predicates: [], rules: [] });
  const { faults } = await findDataFaults(engine, request);
  const found = faults.filter(({ table }) => table === 'customers').map(({ what, effect, examples }) => [what, effect, examples]);
  expect(found).toEqual([[`${name} is no number in 1 rows`, 'stops', [4]]]);
  const message = `tables.customers: column ${name} of customers.csv is no number in 1 rows (row 4)`;
  await expect(checkSources(engine, request)).rejects.toThrow(message);
  await expect(extractSnapshot(engine, request, join(folder, 'snapshot'))).rejects.toThrow(message);
});

const spoiltBanks: readonly [string, Readonly<Record<string, string>>, string][] = [
  ['a repeated id', { customers: `${smallBank.customers}12,18,2,1,Y\n` }, 'customers: 1 rows of customers.csv repeat the id'],
  ['no id', { customers: 'csno,AGE,SEX_CD,HD,CONSENT_YN\n,35,1,2,Y\n' }, 'customers: customers.csv has no row with an id'],
  ['an infinite number', { customers: smallBank.customers.replace('5,,1,3.5', '5,,1,inf') }, 'HD of customers.csv is not finite'],
  ['a text of no finite number', { customers: `${smallBank.customers}x,1,1,nan,Y\n` }, 'HD of customers.csv is not finite'],
  [
    'a day of a holding',
    { holdings: `${smallBank.holdings}5,정기예금,20220231,,N\n` },
    'open_dt or close_dt of holdings.csv is no',
  ],
  ['a day of a contact', { contacts: 'customer,what,day\n5,D001,2022-02-31\n' }, 'contacts: day of contacts.csv is no date in 1'],
  ['contacts of others', { contacts: 'customer,what,day\n55,D001,2022-02-01\n' }, 'contacts: no customer of contacts.csv is a'],
  [
    'contacts about others',
    { contacts: 'customer,what,day\n5,D9,2022-02-01\n' },
    'contacts: no what of contacts.csv is the code',
  ],
];
test.each(some(spoiltBanks, 2))('%s is refused by doctor and --dry-run as by a run', async (_, spoilt, message) => {
  const folder = await temporaryFolder();
  const contacts = { from: 'contacts.csv', customer: 'customer', what: 'what', by: 'code' as const, when: 'day' };
  await writeBank(folder, { ...smallBank, contacts: 'customer,what,day\n', ...spoilt });
  const engine = await openEngine(folder);
  const offers = { classes: ['deposit'], campaigns: ['upsell'], contacts };
  const request = smallRequest({ ...own, offers, predicates: [], rules: [] });
  const { faults } = await findDataFaults(engine, request);
  expect(faults.filter(({ effect }) => effect === 'stops').length).toBeGreaterThan(0);
  await expect(checkSources(engine, request)).rejects.toThrow(message);
  await expect(extractSnapshot(engine, request, join(folder, 'snapshot'))).rejects.toThrow(message);
});

test.each([
  ['a column', {}],
  ['a derived day', { J: 'since' }],
])('faults of rows that a run leaves out stop nothing, by %s', async (_, derive) => {
  const folder = await temporaryFolder();
  const rows = smallBank.customers.trim().split('\n');
  const joined = rows.map((row, i) => `${row},${i === 0 ? 'since' : '2020-01-01'}\n`).join('');
  const leftOut = ',1,1,nan,Y,2020-01-01\nzz,1,1,nan,Y,2030-01-01\n12,1,1,inf,Y,2030-01-01\n';
  await writeBank(folder, { ...smallBank, customers: joined + leftOut });
  const engine = await openEngine(folder);
  const customers = { from: 'customers.csv', id: 'csno', since: 'J' in derive ? 'J' : 'since' };
  const request = smallRequest({ ...own, derive, customers, predicates: [], rules: [] });
  const { faults } = await findDataFaults(engine, request);
  expect(faults.filter(({ effect }) => effect === 'stops')).toEqual([]);
  await checkSources(engine, request);
  await extractSnapshot(engine, request, join(folder, 'snapshot'));
});

test('a derived day of joining is no missing column', async () => {
  const folder = await temporaryFolder();
  await writeBank(folder);
  const engine = await openEngine(folder);
  const since = { derive: { JOINED: "'2020-01-01'" }, columns: [], predicates: [], rules: [] };
  const request = smallRequest({ ...since, customers: { from: 'customers.csv', id: 'csno', since: 'JOINED' } });
  const ofCustomers = async (sql: string) => {
    const { faults } = await findDataFaults(engine, { ...request, derive: { JOINED: sql } });
    return faults.filter(({ table }) => table === 'customers').map(({ what }) => what);
  };
  expect(await ofCustomers("'2020-01-01'")).toEqual([]);
  expect(await ofCustomers("'2020-02-31'")).toEqual(['JOINED is no date in 5 rows']);
});
