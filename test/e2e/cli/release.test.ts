import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealedText } from '../../../packages/pipeline/src/run/seal.ts';
import { longTest } from '../../cases.ts';
import { writeKeys } from '../pipeline/release-keys.ts';
import { basketwise, smallBank, writeBank } from '../pipeline/small-bank.ts';

const program = join(import.meta.dirname, '../../../packages/cli/bin/basketwise.js');
const bank = smallBank(60);
let folder: string;
let remove: () => Promise<void>;
let run: string;
const at = (...path: string[]) => join(folder, ...path);
const released = `${bank.config}release: { approvals: 2, keys: keys.yaml }\n`;
const latest = () => (existsSync(at('out/latest')) ? readlinkSync(at('out/latest')).slice('runs/'.length) : undefined);
const stateOf = async (name: string) => {
  const listed = JSON.parse((await basketwise(folder, 'runs', '--json')).stdout) as { run: string; release: string }[];
  return listed.find((one) => one.run === name)?.release;
};
async function done(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await basketwise(folder, ...args);
  expect([args[0], exitCode, stderr.match(/basketwise: .*/)?.[0]]).toEqual([args[0], 0, undefined]);
  return stdout;
}
const prepare = async (...args: string[]) => JSON.parse(await done('run', '--as', 'batch', '--json', ...args)).run as string;
async function refused(code: number, text: string, ...args: string[]): Promise<void> {
  const { exitCode, stderr } = await basketwise(folder, ...args);
  expect([exitCode, stderr]).toEqual([code, expect.stringContaining(text)]);
}

beforeAll(async () => {
  ({ folder, remove } = await writeBank({ ...bank, config: released }));
  writeKeys(folder);
  run = await prepare();
});
afterAll(() => remove());

test('a run ends prepared, and is published by two keys that did not make it', async () => {
  expect([latest(), await stateOf(run)]).toEqual([undefined, 'prepared']);
  await refused(72, 'it has 0 of 2 approvals', 'release', run, '--as', 'batch');
  await refused(72, 'key batch may not do this', 'approve', run, '--as', 'batch');
  await refused(72, 'key dora may not do this', 'approve', run, '--as', 'dora');
  await refused(64, 'no key was named', 'approve', run);
  await done('approve', run, '--as', 'anna');
  expect(await done('approve', run, '--as', 'anna')).toContain('1 of 2 approvals (anna)');
  await refused(72, 'it has 1 of 2 approvals (anna)', 'release', run, '--as', 'batch');
  await refused(72, 'without approvals', 'rollback', run);
  await done('approve', run, '--as', 'ben');
  await done('release', run, '--as', 'batch');
  expect([latest(), await stateOf(run)]).toEqual([run, 'released']);
  expect((await basketwise(folder, 'runs')).stdout).toContain('released');
  await done('verify', run, '--hashes');
});

longTest('a released run that is run again stays released', async () => {
  expect(JSON.parse(await done('run', '--as', 'batch', '--json'))).toMatchObject({ run, release: { state: 'released' } });
});

longTest('a key that made a run cannot approve it, though it may approve others', async () => {
  const made = JSON.parse(await done('run', '--as', 'chris', '--reference-date', '2022-08-30', '--json')).run as string;
  await refused(72, 'key chris has made it', 'approve', made, '--as', 'chris');
  await done('approve', made, '--as', 'anna');
  await done('reject', made, '--as', 'ben', '--because', 'too early');
  await done('approve', run, '--as', 'chris');
  await refused(72, 'it was rejected by ben: too early', 'approve', made, '--as', 'ben');
  await refused(72, 'it was rejected by ben: too early', 'release', made, '--as', 'batch');
  expect(await stateOf(made)).toBe('rejected');
});

longTest('approvals are of bytes: a changed result, manifest or validation takes them away', async () => {
  const made = await prepare('--reference-date', '2022-08-29');
  for (const name of ['anna', 'ben']) await done('approve', made, '--as', name);
  const csv = at('out/runs', made, 'recommendations.csv');
  copyFileSync(csv, at('copy.csv'));
  appendFileSync(csv, '\n');
  await refused(65, 'recommendations.csv differs', 'release', made, '--as', 'batch');
  await refused(65, 'recommendations.csv differs', 'approve', made, '--as', 'chris');
  copyFileSync(at('copy.csv'), csv);
  writeFileSync(at('out/runs', made, 'validation.json'), '{}\n');
  await refused(65, 'validation.json is damaged', 'approve', made, '--as', 'chris');
  writeFileSync(at('out/runs', made, 'validation.json'), sealedText({}));
  await refused(72, 'it has 0 of 2 approvals', 'release', made, '--as', 'batch');
  await done('approve', made, '--as', 'anna');
  writeFileSync(at('out/runs', made, 'validation.json'), sealedText({ version: 1 }));
  await refused(65, 'is not the one that anna signed', 'verify', made, '--hashes');
  for (const name of ['anna', 'ben']) await done('approve', made, '--as', name);
  await done('verify', made, '--hashes');
  expect(latest()).toBe(run);
  await done('release', made, '--as', 'batch');
  expect(latest()).toBe(made);
});

longTest('a report and erasures are signed: approvals do not count after `forget`, or of another report', async () => {
  const made = await prepare('--reference-date', '2022-08-25');
  for (const name of ['anna', 'ben']) await done('approve', made, '--as', name);
  await done('forget', '--customer', '0001', '--as', 'anna');
  await refused(72, 'it has 0 of 2 approvals', 'release', made, '--as', 'batch');
  for (const name of ['anna', 'ben']) await done('approve', made, '--as', name);
  const state = at('out/runs', made, 'run.json');
  const { seal: _, ...run } = JSON.parse(readFileSync(state, 'utf8')) as { seal: string; stages: { name: string }[] };
  const before = readFileSync(state);
  appendFileSync(at('out/runs', made, 'report.html'), 'other');
  await refused(65, 'report.html differs', 'release', made, '--as', 'batch');
  writeFileSync(state, sealedText({ ...run, stages: run.stages.filter(({ name }) => name !== 'report') }));
  await refused(72, 'it has 0 of 2 approvals', 'release', made, '--as', 'batch');
  writeFileSync(state, before);
});

longTest('a stop takes lists back, blocks releases and other configs, and ends by a signature alone', async () => {
  const earlier = run;
  const stopped = latest()!;
  const also = await prepare('--reference-date', '2022-08-28');
  for (const name of ['anna', 'ben']) await done('approve', also, '--as', name);
  await done('stop', '--to', earlier, '--because', 'wrong prices');
  expect([latest(), await stateOf(stopped)]).toEqual([earlier, 'stopped']);
  await refused(72, 'publication is stopped since', 'release', also, '--as', 'batch');
  writeFileSync(at('basketwise.yaml'), bank.config);
  await refused(72, 'wrong prices', 'run', '--reference-date', '2022-08-27');
  await refused(72, 'wrong prices', 'rollback', stopped);
  writeFileSync(at('basketwise.yaml'), released);
  await prepare('--reference-date', '2022-08-27');
  await refused(72, 'key anna may not do this', 'resume', '--as', 'anna');
  await done('stop', '--because', 'all of it', '--as', 'anna');
  expect(latest()).toBeUndefined();
  await done('resume');
  expect(latest()).toBeUndefined();
  await refused(72, 'it has 0 of 2 approvals', 'release', also, '--as', 'batch');
  for (const name of ['anna', 'ben']) await done('approve', also, '--as', name);
  await done('release', also, '--as', 'anna');
  expect(latest()).toBe(also);
});

longTest('a command signs in place of a key file; the manifest and the entry can be checked by openssl', async () => {
  const script = `const{createPrivateKey,sign}=require('node:crypto'),fs=require('node:fs');
if(process.argv[2])process.stderr.write(process.argv[2]);
process.stdout.write(sign(null,fs.readFileSync(0),createPrivateKey(fs.readFileSync('${at('anna.pem')}'))).toString('base64'))`;
  writeFileSync(at('sign.cjs'), script);
  chmodSync(at('sign.cjs'), 0o755);
  const keys = readFileSync(at('keys.yaml'), 'utf8');
  const command = JSON.stringify([process.execPath, at('sign.cjs')]);
  writeFileSync(at('keys.yaml'), keys.replace('private: anna.pem', `command: ${command}`));
  const made = await prepare('--reference-date', '2022-08-26');
  expect(await done('approve', made, '--as', 'anna')).toContain('1 of 2 approvals (anna)');
  // its question reaches the terminal
  const asks = JSON.stringify([process.execPath, at('sign.cjs'), 'PIN: ']);
  writeFileSync(at('keys.yaml'), keys.replace('private: anna.pem', `command: ${asks}`));
  const stopped = spawnSync(process.execPath, [program, 'stop', '--because', 'x', '--as', 'anna'], { cwd: folder });
  expect([stopped.status, String(stopped.stderr)]).toEqual([0, 'PIN: ']);
  writeFileSync(at('keys.yaml'), keys.replace('private: anna.pem', 'command: [/bin/false]'));
  await refused(77, 'its command failed', 'reject', made, '--as', 'anna', '--because', 'x');
  writeFileSync(at('keys.yaml'), keys);
  await refused(
    77,
    'the signature does not match its public key',
    'reject',
    made,
    '--as',
    'anna',
    '--key',
    'ben.pem',
    '--because',
    'x',
  );
  const entry = JSON.parse(readFileSync(at('out/journal.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!);
  const { signature, ...rest } = entry;
  writeFileSync(at('entry'), JSON.stringify(rest));
  writeFileSync(at('entry.sig'), Buffer.from(signature, 'base64'));
  const args = [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-inkey',
    at('anna.pub.pem'),
    '-rawin',
    '-in',
    at('entry'),
    '-sigfile',
    at('entry.sig'),
  ];
  const openssl = spawnSync('openssl', args, { encoding: 'utf8' });
  if (!openssl.error) expect(openssl.stdout).toContain('Verified Successfully');
});

longTest('journal verify names the first changed line, and a hash that was noted earlier', async () => {
  const found = JSON.parse(await done('journal', 'verify', '--json'));
  expect(found.entries).toBeGreaterThan(20);
  await done('journal', 'verify', '--noted', found.last);
  await refused(65, 'no line of the journal has the hash', 'journal', 'verify', '--noted', '0'.repeat(64));
  const text = readFileSync(at('out/journal.jsonl'), 'utf8');
  writeFileSync(at('out/journal.jsonl'), text.replace('too early', 'too  late'));
  await refused(65, 'journal.jsonl line', 'journal', 'verify');
  await refused(65, 'journal.jsonl line', 'release', run, '--as', 'batch');
  writeFileSync(at('out/journal.jsonl'), text);
  await done('journal', 'verify');
});
