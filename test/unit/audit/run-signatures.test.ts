// Entries that a person with a key and write access adds by hand.
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEntry, type JournalEntry, readJournal } from '@basketwise/pipeline/base';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { readKeys } from '../../../packages/audit/src/release/keys.ts';
import { checkSignatures, signaturesOf } from '../../../packages/audit/src/release/run-signatures.ts';
import { writeKeys } from '../../e2e/pipeline/release-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'basketwise-signatures-'));
const keysFile = join(folder, 'keys.yaml');
writeKeys(folder);
const keysText = readFileSync(keysFile, 'utf8');
let output: string;
beforeEach(() => {
  output = mkdtempSync(join(folder, 'out-'));
  writeFileSync(keysFile, keysText);
});
afterAll(() => rmSync(folder, { recursive: true }));

const signedBy = (name: string) => async (text: string) =>
  sign(null, Buffer.from(text), createPrivateKey(readFileSync(join(folder, `${name}.pem`)))).toString('base64');
type Act = Pick<JournalEntry, 'what' | 'run' | 'files' | 'roles'>;
const enter = (who: string, act: Act, key = who) => appendEntry(output, { who, ...act }, signedBy(key));
const checked = async () => checkSignatures(await readJournal(output), await readKeys(keysFile));
const retired = (name: string, may: string) =>
  writeFileSync(keysFile, keysText.replace(new RegExp(`(${name}: .*may: )\\[.*\\]`), `$1${may}`));

test('a `resume` counts neither by an unknown key nor by one without the role', async () => {
  await appendEntry(output, { who: 'user:operator', what: 'stop' });
  await enter('dora', { what: 'resume' });
  expect(await checked()).toBe(1);
  await appendEntry(output, { who: 'user:operator', what: 'stop' });
  await enter('eve', { what: 'resume' }, 'anna');
  await expect(checked()).rejects.toThrow('line 4: `resume` is of eve, which the file of keys lacks');
  output = mkdtempSync(join(folder, 'out-'));
  const { rolesHash } = await readKeys(keysFile);
  await enter('anna', { what: 'resume', roles: rolesHash });
  await expect(checked()).rejects.toThrow('line 1: `resume` is of key anna, which may not resume');
});

test('a key that is no longer used may have ended a stop before, and not since', async () => {
  await enter('dora', { what: 'resume', roles: (await readKeys(keysFile)).rolesHash });
  retired('dora', '[]');
  expect(await checked()).toBe(1);
  await enter('dora', { what: 'resume', roles: (await readKeys(keysFile)).rolesHash });
  await expect(checked()).rejects.toThrow('line 2: `resume` is of key dora, which may not resume');
});

test('a key that made a run never approves it, also if its roles change later', async () => {
  const files = { 'manifest.json': '0'.repeat(64) };
  for (const who of ['batch', 'chris']) await enter(who, { what: 'prepared', run: 'a', files });
  for (const who of ['chris', 'anna']) await enter(who, { what: 'approve', run: 'a', files });
  retired('chris', '[approve]');
  const found = signaturesOf(await readJournal(output), await readKeys(keysFile), 'a', files);
  expect(found).toMatchObject({ isPrepared: true, makers: ['batch', 'chris'], approvals: ['anna'] });
});
