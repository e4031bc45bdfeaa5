import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSources, type ExtractRequest, findDataFaults, newestDay } from '@basketwise/data';
import { expect, test } from 'vitest';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';
import { hiveLike } from './hive-like.ts';

const features = {
  ...{ dates: ['2022-08-31', '2022-07-31'], tableDate: '2022-08-31', kept: [], derive: {} },
  items: [
    { name: 'sex', column: 'SEX_CD', kind: 'text', fixed: true, place: 'features.sex' },
    { name: 'age', column: 'AGE', kind: 'number', fixed: false, place: 'features.age' },
  ],
  history: { from: 'history.csv', id: 'csno', date: 'base' },
} as const;
const contacts = { from: 'contacts.csv', customer: 'customer', what: 'what', by: 'code', when: 'day' } as const;
const offers = { classes: ['deposit'], campaigns: ['upsell'], contacts };
const request: ExtractRequest = {
  ...smallRequest({ features, offers, derive: {}, rules: [], predicates: [] }),
  columns: [
    { name: 'HD', kind: 'number' },
    { name: 'AGE', kind: 'number' },
  ],
};

/** The small bank with a log of contacts and a history, in DuckDB and behind Hive's dialect. */
async function engines(customers = smallBank.customers) {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers });
  await writeFile(join(folder, 'history.csv'), 'csno,base,SEX_CD,AGE\n007,2022-07-15,1,5\n12,2022-06-30,2,7\n');
  await writeFile(join(folder, 'contacts.csv'), 'customer,what,day\n007,D002,2022-08-01\n99,D002,2022-08-01\n12,X,2022-08-01\n');
  const engine = await openEngine(folder);
  return [engine, hiveLike(engine)] as const;
}

test.each([
  ['sound customers', smallBank.customers],
  ['a repeated id and a spoilt number', `${smallBank.customers}12,18,2,zwei,Y\n`],
])('doctor --data finds the same faults with SQL that Hive accepts: %s', async (_, customers) => {
  const [files, hive] = await engines(customers);
  const [found, onHive] = [await findDataFaults(files, request), await findDataFaults(hive, request)];
  expect(found.faults.length).toBeGreaterThan(5);
  expect(found.faults.filter(({ table }) => table === 'contacts')).toHaveLength(2);
  expect(onHive.faults).toEqual(found.faults.map((fault) => ({ ...fault, examples: [] })));
  expect(onHive.rows).toEqual(found.rows);
});

test('the checks before an extraction, and the newest day, are SQL that Hive accepts', async () => {
  const [files, hive] = await engines();
  expect(await checkSources(hive, request)).toEqual(await checkSources(files, request));
  expect(await newestDay(hive, request)).toBe(await newestDay(files, request));
});
