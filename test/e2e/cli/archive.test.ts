import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openReplay, verifyArchive, verifyRun } from '@basketwise/audit';
import { createRandom } from '@basketwise/core';
import { sealedText, sealOf } from '@basketwise/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArchive } from '../../../packages/audit/src/archive/archive-file.ts';
import { cases, every, some } from '../../cases.ts';
import { temporaryFolder } from '../../unit/data/bank.ts';
import { parquetRows } from '../pipeline/parquet-rows.ts';
import { basketwise, smallBank, writeBank } from '../pipeline/small-bank.ts';

const more = `clusters:
  age: { k: 2, numeric: [age], model: age.arrow }
segments:
  ages: { column: age, bands: [{ label: young, to: 40 }, { label: old, from: 40 }] }
`;
const bank = smallBank(cases(1000));
const hashes = { hashes: true, signal: new AbortController().signal, tell: () => {} };

let folder: string;
let remove: () => Promise<void>;
let run = '';
const out = (...path: string[]) => join(folder, 'out', ...path);
const archive = () => out('archives', `${run}.tar`);

beforeAll(async () => {
  ({ folder, remove } = await writeBank({ ...bank, config: `${bank.config}${more}` }));
  for (const date of ['2022-08-30', '2022-08-31']) {
    expect((await basketwise(folder, 'run', '--reference-date', date)).exitCode).toBe(0);
  }
  run = (await readdir(out('runs'))).find((name) => name.startsWith('2022-08-31'))!;
  expect((await basketwise(folder, 'archive')).exitCode).toBe(0);
});
afterAll(() => remove());

test('an archive of the same run has the same bytes, is unpacked by tar, and is not overwritten silently', async () => {
  const again = await basketwise(folder, 'archive', run, '--to', 'again.tar', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ run, data: true, hashes: 1 });
  expect((await readFile(join(folder, 'again.tar'))).equals(await readFile(archive()))).toBe(true);
  const refused = await basketwise(folder, 'archive', run, '--to', 'again.tar');
  expect([refused.exitCode, refused.stderr]).toEqual([74, expect.stringContaining('again.tar exists')]);
  expect((await basketwise(folder, 'archive', run, '--to', 'again.tar', '--overwrite')).exitCode).toBe(0);
  expect((await stat(archive())).mode & 0o777).toBe(0o600);
  const { status } = spawnSync('tar', ['-xf', 'again.tar'], { cwd: folder });
  expect(status).toBe(0);
  const rows = 'recommendations.parquet';
  expect((await readFile(join(folder, run, rows))).equals(await readFile(out('runs', run, rows)))).toBe(true);
});

test('an archive without data has the hashes of all tables with customers, and none of the tables', async () => {
  expect((await basketwise(folder, 'archive', '--without-data')).exitCode).toBe(0);
  const opened = await openArchive(out('archives', `${run}-without-data.tar`));
  await opened.close();
  const tables = opened.entries.map(({ file }) => file).filter((file) => /parquet|csv/.test(file));
  expect(tables).toEqual(['snapshot/products.parquet', 'suppressed.parquet']);
  const left = opened.list.entries.filter(({ held }) => !held).map(({ file }) => file);
  expect(left).toEqual(expect.arrayContaining(['snapshot/customers.parquet', 'recommendations.csv', 'clusters.parquet']));
  const { stdout } = await basketwise(folder, 'verify', opened.path);
  expect(stdout).toContain('not made again: the archive has no rows of customers');
});

test('verify makes the bytes of a run again from its folder, and from its archive in another one', async () => {
  const { again, others } = JSON.parse((await basketwise(folder, 'verify', '--json')).stdout);
  expect([again.different, again.without, others]).toEqual([null, [], []]);
  expect(again.equal).toBeGreaterThan(10);
  const elsewhere = await temporaryFolder();
  await cp(archive(), join(elsewhere, 'a.tar'));
  // as a path of the command line, relative to the folder of the process; the run has read a saved cluster model
  const path = relative(process.cwd(), join(elsewhere, 'a.tar'));
  const found = await verifyArchive(path, { ...hashes, hashes: false, threads: 1 });
  expect(found.again).toEqual(again);
  expect(await readdir(elsewhere)).toEqual(['a.tar']);
});

/** Rows of a customer by campaign and rank. */
const byCampaign = (rows: Record<string, unknown>[]) =>
  rows.sort((a, b) => (String(a.campaign) < String(b.campaign) ? -1 : a.campaign === b.campaign ? 0 : 1));

test('replay shows the published rows of each customer, from the file alone', async () => {
  const all = new Map<unknown, Record<string, unknown>[]>();
  for (const { customer, ...row } of await parquetRows(folder, `out/runs/${run}/recommendations.parquet`)) {
    all.set(customer, [...(all.get(customer) ?? []), row]);
  }
  const elsewhere = await temporaryFolder();
  await cp(archive(), join(elsewhere, 'a.tar'));
  const opened = await openReplay(join(elsewhere, 'a.tar'));
  const ids = Array.from({ length: cases(1000) }, (_, i) => String(i).padStart(4, '0'));
  for (const customer of every(ids, some(ids.slice(0, 200), 8))) {
    const { rows, explanation } = await opened.of(customer);
    expect(rows).toEqual(byCampaign(all.get(customer) ?? []));
    const shown = explanation.campaigns.flatMap(({ campaign, recommendations }) =>
      recommendations.map(({ rank, code, name, probability }) => [campaign, rank, code, name, probability]),
    );
    expect(shown).toEqual(rows.map((row) => [row.campaign, row.rank, row.product_code, row.product_name, row.probability]));
  }
  await opened.close();
  const asked = await basketwise(elsewhere, 'replay', 'a.tar', '--customer', '0001');
  expect(asked.stdout).toContain(`run ${run}, as of 2022-08-31`);
  expect(asked.stdout).toMatch(/^holds$/m);
  expect((await basketwise(elsewhere, 'replay', 'a.tar', '--customer', 'none')).exitCode).toBe(66);
  expect(await readdir(elsewhere)).toEqual(['a.tar']);
});

/** Changes one bit of a file, checks, and changes it back. */
async function withFlip(path: string, at: number, bit: number, check: () => Promise<void>): Promise<void> {
  const handle = await open(path, 'r+');
  const flip = async () => {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
    await handle.write(Buffer.of(buffer[0]! ^ (1 << bit)), 0, 1, at);
  };
  await flip();
  await check().finally(async () => {
    await flip();
    await handle.close();
  });
}

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was found',
    (error: Error & { code: string }) => `${error.code} ${error.message}`,
  );

test('verify finds any changed bit of an archive, and names its file', async () => {
  const { next } = createRandom(1);
  const opened = await openArchive(archive());
  await opened.close();
  const { size } = await stat(archive());
  for (let i = 0; i < cases(100); i++) {
    const at = Math.floor(next() * size);
    const last = opened.entries.findLast((entry) => entry.at <= at);
    const file = at >= opened.end ? 'the end of the archive' : (last?.file ?? 'seal.json');
    await withFlip(archive(), at, Math.floor(next() * 8), async () => {
      const found = await messageOf(verifyArchive(archive(), hashes));
      expect(found, `bit at ${at}`).toMatch(/^bad-data /);
      expect(found, `bit at ${at}`).toContain(`: ${file}`);
    });
  }
  await verifyArchive(archive(), hashes);
});

test('verify finds any changed bit of a run folder, and names its file', async () => {
  const { next } = createRandom(2);
  const place = out('runs', run);
  const entries = (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (let i = 0; i < cases(100); i++) {
    const file = files[Math.floor(next() * files.length)]!;
    const at = Math.floor(next() * (await stat(file)).size);
    await withFlip(file, at, Math.floor(next() * 8), async () => {
      const found = await messageOf(verifyRun(out(), run, hashes));
      expect(found, `${file} at ${at}`).toMatch(/^bad-data /);
      expect(found, `${file} at ${at}`).toContain(relative(place, file));
    });
  }
  await verifyRun(out(), run, hashes);
});

test('an archive that is cut, longer, or another file is refused', async () => {
  const whole = await readFile(archive());
  const path = join(folder, 'cut.tar');
  for (const bytes of [
    whole.subarray(0, whole.length - 512),
    Buffer.concat([whole, Buffer.alloc(512)]),
    Buffer.alloc(9000, 'x'),
  ]) {
    await writeFile(path, bytes);
    expect((await basketwise(folder, 'verify', path, '--hashes')).exitCode).toBe(65);
  }
  expect((await basketwise(folder, 'verify', 'none.tar')).exitCode).toBe(66);
});

test('verify names the first result that the snapshot does not give, and the program that made it', async () => {
  const copy = await temporaryFolder();
  const place = join(copy, 'runs', run);
  await cp(out('runs', run), place, { recursive: true });
  await forge(place, 'recommendations.parquet');
  const options = { ...hashes, hashes: false };
  const failure = await verifyRun(copy, run, options).catch((error) => error);
  expect(failure.message).toContain('recommendations.parquet, made again from the snapshot, has other bytes');
  expect(failure.hint).toContain('made by another program: code 00000000, this is ');
  expect((await verifyRun(copy, run, hashes)).program.made.packages).toBe(null);
});

/** Changes a file of a run and all its records, as one who knows how they are sealed; the program, too. */
async function forge(place: string, file: string): Promise<void> {
  await writeFile(join(place, file), 'forged');
  const record = { file, bytes: 6, sha256: createHash('sha256').update('forged').digest('hex') };
  const changed = (files: { file: string }[]) => files.map((one) => (one.file === file ? record : one));
  const read = async (name: string) => {
    const { seal: _, ...document } = JSON.parse(await readFile(join(place, name), 'utf8'));
    return document;
  };
  let after = '';
  for (const { name } of (await read('run.json')).stages) {
    const stage = await read(`stages/${name}.json`);
    const forged = { ...stage, after, files: changed(stage.files) };
    after = sealOf(forged);
    await writeFile(join(place, 'stages', `${name}.json`), sealedText(forged));
  }
  const manifest = await read('manifest.json');
  const inputs = { ...manifest.inputs, code: '0'.repeat(64) };
  await writeFile(join(place, 'manifest.json'), sealedText({ ...manifest, inputs, files: changed(manifest.files) }));
}
