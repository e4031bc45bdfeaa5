import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, readJournal, rollback, runJob, type Settings } from '@basketwise/pipeline';
import { beforeEach, expect, test } from 'vitest';
import { forgetCustomers } from '../../../packages/audit/src/archive/forget.ts';
import { approveRun, enterRun, needRunKey } from '../../../packages/audit/src/release/approve.ts';
import {
  applyStop,
  erasureSigner,
  signEntry,
  withAnyJournal,
  withJournal,
} from '../../../packages/audit/src/release/journal-session.ts';

import { keyFor } from '../../../packages/audit/src/release/keys.ts';
import { releaseRun, resumePublication, stopPublication } from '../../../packages/audit/src/release/publication.ts';
import { writeKeys } from '../../e2e/pipeline/release-keys.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { writeMadeRun } from '../../property/audit/made-run.ts';
import { temporaryFolder } from '../data/bank.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

test('no entry is written by a process that lost the lock while a person signed', async () => {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const journal = join(folder, 'out/journal.jsonl');
  const resume = (work: () => void) =>
    withJournal(settings, async (session) => {
      work();
      await signEntry(session, keyFor(session.keys, 'resume', 'dora'), { what: 'resume' });
    });
  await resume(() => {});
  const before = readFileSync(journal, 'utf8');
  const lock = join(folder, 'out/.lock');
  const taken = resume(() => {
    rmSync(lock);
    writeFileSync(lock, 'of another process');
  });
  await expect(taken).rejects.toMatchObject({ code: 'locked' });
  expect(readFileSync(journal, 'utf8')).toBe(before);
});

/** Settings of a folder with keys, and a run that `anna` may approve. */
async function prepared() {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const output = join(folder, 'out');
  const run = writeMadeRun(output, '2022-07-31', 'customer,rank\n1,1\n');
  await enterRun(settings, run, { as: 'batch' });
  return {
    settings,
    output,
    run,
    stop: (as?: string) => stopPublication(settings, { because: 'x', as }, new AbortController().signal),
  };
}

test.each([
  ['approve', (settings: Settings, run: string) => approveRun(settings, run, { as: 'anna' })],
  [
    'forget',
    async (settings: Settings) => forgetCustomers(join(folder, 'out'), ['1'], [], await erasureSigner(settings, { as: 'anna' })),
  ],
])('a stop does not wait for an `%s` that waits for a PIN, which then does not count', async (_, act) => {
  const { settings, output, run, stop } = await prepared();
  const keys = join(folder, 'keys.yaml');
  const [asked, pin] = [join(folder, 'asked'), join(folder, 'pin')];
  const script = `cat > text; touch ${asked}; until test -e ${pin}; do sleep .05; done; openssl pkeyutl -sign -inkey ${join(folder, 'anna.pem')} -rawin -in text`;
  const command = JSON.stringify(['sh', '-c', `cd ${folder}; ${script}`]);
  writeFileSync(keys, readFileSync(keys, 'utf8').replace('private: anna.pem', `command: ${command}`));
  const waiting = act(settings, run).catch((error: unknown) => error);
  while (!existsSync(asked)) await new Promise((done) => setTimeout(done, 20));
  expect(await stop()).toMatchObject({ stopped: true });
  writeFileSync(pin, '');
  expect(await waiting).toMatchObject({ code: 'locked' });
  expect(readFileSync(join(output, 'runs', run, 'recommendations.csv'), 'utf8')).toContain('1,1');
  expect((await readJournal(output)).entries.map(({ what }) => what)).toEqual(['prepared', 'stop']);
});

test('a stop works with a file of keys that cannot be used; only `--as` needs it', async () => {
  const { stop } = await prepared();
  chmodSync(join(folder, 'anna.pem'), 0o666);
  await expect(stop('anna')).rejects.toMatchObject({ code: 'not-permitted' });
  expect(await stop()).toMatchObject({ stopped: true });
});

test('a stop is not forgotten with the journal and its head; another one begins a new journal', async () => {
  const { settings, output, stop } = await prepared();
  await stop();
  for (const name of ['journal.jsonl', 'journal-head.json']) rmSync(join(output, name));
  await expect(needRunKey(settings, { as: 'batch' })).rejects.toThrow('a stop may be in force');
  await expect(resumePublication(settings, undefined, { as: 'dora' }, new AbortController().signal)).rejects.toThrow(
    'is missing',
  );
  await stop();
  await expect(needRunKey(settings, { as: 'batch' })).resolves.toBeUndefined();
  expect((await readJournal(output)).entries.map(({ what }) => what)).toEqual(['stop']);
});

test('a config without `release` publishes nothing and rolls nothing back where keys have signed runs', async () => {
  const { output, run } = await prepared();
  await expect(rollback(output, run)).rejects.toMatchObject({
    code: 'not-released',
    message: expect.stringContaining('this config has no `release`'),
  });
  writeFileSync(join(folder, 'plain.yaml'), smallBank(2).config);
  await expect(runJob(await loadConfig(join(folder, 'plain.yaml')))).rejects.toThrow('this config has no `release`');
});

test('a key that was retired without `had` does not lock out runs, approvals and stops; no fault of a signature locks out a stop', async () => {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const output = join(folder, 'out');
  const list = 'customer,rank\n1,1\n2,1\n';
  const run = writeMadeRun(output, '2022-07-31', list);
  await enterRun(settings, run, { as: 'batch' });
  for (const as of ['anna', 'ben']) await approveRun(settings, run, { as });
  const keys = join(folder, 'keys.yaml');
  writeFileSync(keys, readFileSync(keys, 'utf8').replace(/(anna: .*may: )\[approve\]/, '$1[]'));
  await needRunKey(settings, { as: 'batch' });
  const next = writeMadeRun(output, '2022-08-31', list);
  await enterRun(settings, next, { as: 'batch' });
  for (const as of ['ben', 'chris']) await approveRun(settings, next, { as });
  const { signal } = new AbortController();
  expect(await releaseRun(settings, next, { as: 'batch' }, signal)).toMatchObject({ latest: next });
  writeFileSync(keys, readFileSync(keys, 'utf8').replace(/^anna: .*\n/m, ''));
  await expect(needRunKey(settings, { as: 'batch' })).rejects.toThrow('of anna, which the file of keys lacks');
  expect(await stopPublication(settings, { because: 'x' }, signal)).toMatchObject({ latest: null, stopped: true });
});

test('a stop takes `latest` back, and names a damaged record of the dates on a server', async () => {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const output = join(folder, 'out');
  const run = writeMadeRun(output, '2022-07-31', 'customer,rank\n1,1\n');
  await enterRun(settings, run, { as: 'batch' });
  for (const as of ['anna', 'ben']) await approveRun(settings, run, { as });
  const { signal } = new AbortController();
  await releaseRun(settings, run, { as: 'batch' }, signal);
  writeFileSync(join(output, 'published-to-hive.json'), '{"hive:10000 mart lists 2022');
  const stop = () => stopPublication(settings, { because: 'x' }, signal);
  await expect(stop()).rejects.toThrow('published-to-hive.json is damaged');
  expect(readdirSync(output)).not.toContain('latest');
  rmSync(join(output, 'published-to-hive.json'));
  expect(await stop()).toMatchObject({ latest: null, stopped: true, elsewhere: [] });
});

test('a stop that cannot read the fallback run fails and is repeated; it does not take all lists back', async () => {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const output = join(folder, 'out');
  const [first, second] = ['2022-07-31', '2022-08-31'].map((date) => writeMadeRun(output, date, 'customer,rank\n1,1\n'));
  for (const run of [first!, second!]) {
    await enterRun(settings, run, { as: 'batch' });
    for (const as of ['anna', 'ben']) await approveRun(settings, run, { as });
    await releaseRun(settings, run, { as: 'batch' }, new AbortController().signal);
  }
  const stop = () => withAnyJournal(settings, (session) => applyStop(session, first));
  const manifest = join(output, 'runs', first!, 'manifest.json');
  const text = readFileSync(manifest);
  rmSync(manifest);
  symlinkSync('manifest.json', manifest); // a link to itself: ELOOP
  await expect(stop()).rejects.toThrow('manifest.json cannot be read: ELOOP');
  expect(readlinkSync(join(output, 'latest'))).toBe(`runs/${second}`);
  rmSync(manifest);
  writeFileSync(manifest, text);
  await stop();
  expect(readlinkSync(join(output, 'latest'))).toBe(`runs/${first}`);
});

test('a run whose release has fewer approvals than are asked now says so, and is released again', async () => {
  writeKeys(folder);
  const load = (approvals: number) => {
    writeFileSync(
      join(folder, 'basketwise.yaml'),
      `${smallBank(2).config}release: { keys: keys.yaml, approvals: ${approvals} }\n`,
    );
    return loadConfig(join(folder, 'basketwise.yaml'));
  };
  const { signal } = new AbortController();
  const before = await load(1);
  const [first, second] = ['2022-07-31', '2022-08-31'].map((date) =>
    writeMadeRun(join(folder, 'out'), date, 'customer,rank\n1,1\n'),
  );
  for (const run of [first!, second!]) {
    await enterRun(before, run, { as: 'batch' });
    await approveRun(before, run, { as: 'anna' });
    await releaseRun(before, run, { as: 'batch' }, signal);
  }
  const now = await load(2);
  const stop = () => stopPublication(now, { because: 'x', to: first }, signal);
  await expect(stop()).rejects.toThrow('its release has 1 of the 2 approvals that `release.approvals` asks now');
  await approveRun(now, first!, { as: 'ben' });
  await releaseRun(now, first!, { as: 'batch' }, signal);
  expect(await stop()).toMatchObject({ latest: first });
});
