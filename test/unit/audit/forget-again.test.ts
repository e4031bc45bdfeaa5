import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournal } from '@basketwise/pipeline/base';
import { afterAll, expect, test } from 'vitest';
import { forgetCustomers } from '../../../packages/audit/src/archive/forget.ts';
import { writeMadeRun } from '../../property/audit/made-run.ts';

const output = mkdtempSync(join(tmpdir(), 'basketwise-forget-'));
afterAll(() => rmSync(output, { recursive: true }));

test('an erasure that ended after some folders has all hashes in the journal when it is repeated', async () => {
  const erased = ['2022-07-31', '2022-08-31'].map((date) => writeMadeRun(output, date, 'customer,rank\n1,1\n2,1\n'));
  await expect(forgetCustomers(output, ['1'], ['/missing.tar'])).rejects.toThrow('missing.tar');
  const filesOf = async () => (await readJournal(output)).entries.map(({ files }) => Object.keys(files!));
  expect(await filesOf()).toEqual([]);
  await forgetCustomers(output, ['1'], []);
  await forgetCustomers(output, ['1'], []);
  expect(await filesOf()).toEqual([erased.map((run) => `runs/${run}/erasures.json`), []]);
});
