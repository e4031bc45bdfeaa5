import { join } from 'node:path';
import { checkSources, extractSnapshot, findDataFaults } from '@basketwise/data';
import { expect, test } from 'vitest';
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
