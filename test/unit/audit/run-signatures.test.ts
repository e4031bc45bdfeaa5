// Entries that a person with a key and write access adds by hand.
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendEntry, type JournalEntry, readJournal, stopOf } from '@basketwise/pipeline';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { readKeys } from '../../../packages/audit/src/release/keys.ts';
import {
  approvalsAtRelease,
  checkSignatures,
  countedJournal,
  signaturesOf,
} from '../../../packages/audit/src/release/run-signatures.ts';
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
const retired = (name: string, may: string, more = '') =>
  writeFileSync(keysFile, keysText.replace(new RegExp(`(${name}: .*may: )\\[.*\\]`), `$1${may}${more}`));
/** The keys file now has the present last line as the last one of a key. */
const retiredNow = async (name: string, may: string, had: string) =>
  retired(name, may, `, had: ${had}, until: ['${(await readJournal(output)).last}']`);
const wasReleased = (...[journal, run, of, needed]: [...Parameters<typeof approvalsAtRelease>, number]) =>
  (approvalsAtRelease(journal, run, of) ?? -1) >= needed;
const files = { 'manifest.json': '0'.repeat(64), 'run.json': '1'.repeat(64) };

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
  const { rolesHash } = await readKeys(keysFile);
  await enter('dora', { what: 'resume', roles: rolesHash });
  retired('dora', '[]');
  await expect(checked()).rejects.toThrow('line 1: `resume` is of key dora, which may not resume');
  await retiredNow('dora', '[]', '[resume]');
  expect(await checked()).toBe(1);
  // with the hash of a file of keys in which it had the role
  await enter('dora', { what: 'resume', roles: rolesHash });
  await expect(checked()).rejects.toThrow('line 2: `resume` is of key dora, which may not resume');
});

test('a key that never had a role has it neither before nor after it is retired', async () => {
  await enter('anna', { what: 'approve', run: 'a', files });
  await enter('anna', { what: 'resume', roles: '2'.repeat(64) });
  await retiredNow('anna', '[]', '[approve]');
  await expect(checked()).rejects.toThrow('line 2: `resume` is of key anna, which may not resume');
  retired('anna', '[]', ', had: [approve]');
  await expect(readKeys(keysFile)).rejects.toThrow('`had` needs `until`');
});

test('each kind of entry needs a role of its own', async () => {
  const acts = { prepared: 'anna', approve: 'batch', reject: 'dora', release: 'dora', resume: 'batch', forget: 'batch' } as const;
  for (const [what, who] of Object.entries(acts) as [JournalEntry['what'], string][]) {
    output = mkdtempSync(join(folder, 'out-'));
    await enter(who, { what, run: 'a', files });
    const act = what === 'prepared' ? 'run' : what;
    await expect(checked()).rejects.toThrow(`line 1: \`${what}\` is of key ${who}, which may not ${act}`);
  }
});

test('a release counts only with its approvals before it, since the last stop', async () => {
  const isReleased = async () => wasReleased(await readJournal(output), 'a', files, 2);
  const approve = async () => {
    for (const who of ['anna', 'ben']) await enter(who, { what: 'approve', run: 'a', files });
  };
  const release = () => enter('batch', { what: 'release', run: 'a', files });
  expect(await isReleased()).toBe(true);
  await enter('batch', { what: 'prepared', run: 'a', files });
  await enter('anna', { what: 'approve', run: 'a', files });
  await release();
  expect(await isReleased()).toBe(false);
  await approve();
  await appendEntry(output, { who: 'user:operator', what: 'stop' });
  await release();
  expect(await isReleased()).toBe(false);
  await approve();
  expect(await isReleased()).toBe(false);
  await release();
  expect(await isReleased()).toBe(true);
  expect(wasReleased(await readJournal(output), 'a', files, 3)).toBe(false);
});

test('an erasure excuses other bytes of a release only if a key signed it', async () => {
  for (const [who, what] of [
    ['batch', 'prepared'],
    ['anna', 'approve'],
    ['ben', 'approve'],
    ['batch', 'release'],
  ] as const)
    await enter(who, { what, run: 'a', files });
  const erased = { ...files, 'erasures.json': '3'.repeat(64) };
  const isReleased = async () => wasReleased(await readJournal(output), 'a', erased, 2);
  const entry = { what: 'forget' as const, files: { 'runs/a/erasures.json': erased['erasures.json'] } };
  await appendEntry(output, { who: 'user:operator', ...entry });
  expect(await isReleased()).toBe(false);
  await enter('anna', entry);
  expect([await checked(), await isReleased()]).toEqual([5, true]);
});

test('a key that made a run never approves it, also if its roles change later', async () => {
  for (const who of ['batch', 'chris']) await enter(who, { what: 'prepared', run: 'a', files });
  for (const who of ['chris', 'anna']) await enter(who, { what: 'approve', run: 'a', files });
  retired('chris', '[approve]');
  const found = signaturesOf(await readJournal(output), await readKeys(keysFile), 'a', files);
  expect(found).toMatchObject({ isPrepared: true, makers: ['batch', 'chris'], approvals: ['anna'] });
});

test('a key that was retired without `had` blocks no command, and its approvals do not count', async () => {
  await enter('batch', { what: 'prepared', run: 'a', files });
  for (const who of ['anna', 'ben']) await enter(who, { what: 'approve', run: 'a', files });
  await enter('batch', { what: 'release', run: 'a', files });
  retired('anna', '[]');
  const counted = async () => countedJournal(await readJournal(output), await readKeys(keysFile));
  expect((await counted()).entries.map(({ what }) => what)).toEqual(['prepared', 'approve', 'release']);
  expect(wasReleased(await counted(), 'a', files, 2)).toBe(false);
  // verify names what to write
  const end = (await readJournal(output)).entries[2]!.after;
  await expect(checked()).rejects.toMatchObject({ hint: expect.stringContaining(`had: [approve], until: ['${end}']`) });
  retired('anna', '[]', `, had: [approve], until: ['${end}']`);
  expect(await checked()).toBe(4);
  expect(wasReleased(await counted(), 'a', files, 2)).toBe(true);
});

test('a stop ended by a key that was retired without `had` stays ended once another person has signed', async () => {
  const counted = async () => countedJournal(await readJournal(output), await readKeys(keysFile));
  await appendEntry(output, { who: 'user:operator', what: 'stop' });
  await enter('dora', { what: 'resume' });
  retired('dora', '[]');
  await enter('batch', { what: 'prepared', run: 'a', files });
  await expect(counted()).rejects.toThrow('line 2: `resume` is of key dora, which may not resume');
  await enter('anna', { what: 'approve', run: 'a', files });
  expect(stopOf(await counted())).toBeUndefined();
});
