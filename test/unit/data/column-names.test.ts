import { join } from 'node:path';
import { extractSnapshot } from '@basketwise/data';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { openEngine, smallBank, smallRequest, temporaryFolder, writeBank } from './bank.ts';

async function extractWith(column: string, request = smallRequest()) {
  const folder = await temporaryFolder();
  await writeBank(folder, { ...smallBank, customers: smallBank.customers.replace('SEX_CD', column) });
  return extractSnapshot(await openEngine(folder), request, join(folder, 'snapshot'));
}

const using = (column: string) => smallRequest({ columns: [{ name: column, kind: 'number' }] });

test.each(['rule_0', 'RULE_1', 'cluster_OLD', 'customer', 'ID'])(
  'a column %s of the bank, which the snapshot would keep under a name of its own, is refused',
  async (column) => {
    await expect(extractWith(column, using(column))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(`column ${column}`),
    });
  },
);

test.each(some(['repeated', 'rule_2', 'file_row_number', 'row_of_table', 'before', 'checked'], 2))(
  'a column %s of the bank is kept beside ours',
  async (column) => {
    expect(await extractWith(column, using(column))).toMatchObject({ customers: { kept: 5 }, rules: [{ eligible: 3 }, {}] });
  },
);

test.each(some(['rule_0', 'in_scheme_old', 'customer', 'id', 'repeated'], 1))(
  'a column %s that nothing asks for disturbs nothing: rules and counts are those without it',
  async (column) => {
    expect((await extractWith(column)).rules).toEqual((await extractWith('SEX_CD')).rules);
  },
);
