import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadConfig, readJournal, takeOutput } from '@basketwise/pipeline';
import { beforeEach, expect, test, vi } from 'vitest';
import { checkRun } from '../../../packages/audit/src/archive/check-run.ts';
import { erasureText, forgetCustomers } from '../../../packages/audit/src/archive/forget.ts';
import { readBytes } from '../../../packages/audit/src/archive/recorded-bytes.ts';
import { archiveRun } from '../../../packages/audit/src/archive/write-archive.ts';
import { approveRun, enterRun } from '../../../packages/audit/src/release/approve.ts';
import { erasureSigner } from '../../../packages/audit/src/release/journal-session.ts';
import { releaseRun, stopPublication } from '../../../packages/audit/src/release/publication.ts';
import { sealedText } from '../../../packages/pipeline/src/run/seal.ts';
import { cases, every, longTest } from '../../cases.ts';
import { writeKeys } from '../../e2e/pipeline/release-keys.ts';
import { smallBank } from '../../e2e/pipeline/small-bank.ts';
import { killedAt } from '../../property/audit/killed-command.ts';
import { writeMadeRun } from '../../property/audit/made-run.ts';
import { temporaryFolder } from '../data/bank.ts';

vi.mock('../../../packages/audit/src/archive/check-run.ts', { spy: true });
vi.mock('../../../packages/audit/src/archive/recorded-bytes.ts', { spy: true });

let folder: string;
let output: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  output = join(folder, 'out');
});

const list = 'customer,rank\n1,1\n2,1\n';
const dates = ['2022-07-31', '2022-08-31'];
const filesOf = async () =>
  (await readJournal(output)).entries.flatMap(({ what, files }) => (what === 'forget' ? [Object.keys(files!)] : []));

test('an erasure that ended after some folders has all hashes in the journal when it is repeated', async () => {
  const erased = dates.map((date) => writeMadeRun(output, date, list));
  await expect(forgetCustomers(output, ['1'], ['/missing.tar'])).rejects.toThrow('missing.tar');
  expect(await filesOf()).toEqual([]);
  await forgetCustomers(output, ['1'], []);
  await forgetCustomers(output, ['1'], []);
  expect(await filesOf()).toEqual([erased.map((run) => `runs/${run}/erasures.json`), []]);
});

test('an erasure names the tables on servers that still have rows, with their dates', async () => {
  writeMadeRun(output, dates[0]!, list);
  writeFileSync(
    join(output, 'published-to-postgres.json'),
    '{"db:5432 bank a.b 2022-08-31":"x","db:5432 bank a.b 2022-07-31":"y"}',
  );
  writeFileSync(join(output, 'published-to-hive.json'), '{"hive:10000 mart lists 2022-07-31":"x"}');
  const text = erasureText(await forgetCustomers(output, ['1'], []), false);
  expect(text).toContain(
    'published rows stay in postgres db:5432 bank a.b: 2 dates from 2022-07-31 to 2022-08-31. Delete them (docs/security.md#tables-on-servers)',
  );
  expect(text).toContain('published rows stay in hive hive:10000 mart lists: 2022-07-31. ');
});

test('a damaged record of the dates on a server ends an erasure before its work', async () => {
  const run = writeMadeRun(output, dates[0]!, list);
  for (const damaged of ['', '{"hive:10000 mart lists 2022', '["x"]', '{"hive:10000 mart lists 2022-07-31":7}']) {
    writeFileSync(join(output, 'published-to-hive.json'), damaged);
    await expect(forgetCustomers(output, ['1'], [])).rejects.toThrow('published-to-hive.json is damaged');
  }
  expect(readFileSync(join(output, 'runs', run, 'recommendations.csv'), 'utf8')).toBe(list);
  rmSync(join(output, 'published-to-hive.json'));
  expect((await forgetCustomers(output, ['1'], [])).servers).toEqual([]);
});

test('an erasure removes unfinished archives of killed calls, and no other files', async () => {
  writeMadeRun(output, dates[0]!, list);
  mkdirSync(join(output, 'archives'));
  const names = ['a.tar.12.unfinished', 'b.tar.12.unfinished.txt', 'note.12.unfinished'].map((name) =>
    join(output, 'archives', name),
  );
  const outside = join(folder, 'away.tar.7.unfinished');
  for (const path of [...names, outside, join(folder, 'other.tar.7.unfinished')]) writeFileSync(path, list);
  // the archive itself was never finished
  await expect(forgetCustomers(output, ['1'], [join(folder, 'away.tar')])).rejects.toThrow('away.tar');
  expect(readdirSync(join(output, 'archives'))).toEqual(['b.tar.12.unfinished.txt', 'note.12.unfinished']);
  expect(readdirSync(folder).sort()).toEqual(['other.tar.7.unfinished', 'out']);
});

test('an erasure removes what a killed run has not finished, and names tables of others and damaged lines', async () => {
  const place = join(output, 'runs', writeMadeRun(output, dates[0]!, list));
  const unfinished = join(place, 'recommendations.unfinished');
  mkdirSync(unfinished);
  writeFileSync(join(unfinished, 'recommendations.parquet'), 'PAR1 of customer 1, cut');
  writeFileSync(join(place, 'own.csv'), 'Kunde Nr,x\n1,1\n');
  expect(await forgetCustomers(output, ['1', '7'], [])).toMatchObject({
    ...{ customers: 1, absent: [1], unread: [join(place, 'own.csv')] },
    touched: [{ place, files: ['recommendations.csv'] }],
  });
  expect(readdirSync(place)).not.toContain('recommendations.unfinished');
  writeFileSync(join(place, 'recommendations.csv'), 'customer,rank\n2,1\n"secret,3\n');
  const error = await forgetCustomers(output, ['2'], []).catch((failure) => failure);
  expect([error.code, error.message]).toEqual(['bad-data', expect.stringContaining('recommendations.csv')]);
  expect(`${error.message}${error.hint}`).not.toContain('secret');
});

test('an archive of any name is erased from; other files and compressed archives are named', async () => {
  const run = writeMadeRun(output, dates[0]!, list, dates[0], { source: { engine: 'duckdb' } });
  const at = (name: string) => join(output, 'archives', name);
  for (const name of ['plain.tar', 'march 2026']) await archiveRun(output, run, { file: at(name), data: true, overwrite: false });
  const content = readFileSync(at('plain.tar'));
  writeFileSync(at('packed.tar.gz'), gzipSync(content));
  writeFileSync(at('march.7.unfinished'), content.subarray(0, content.length - 2000));
  writeFileSync(at('note.7.unfinished'), 'short');
  mkdirSync(at('older'));
  const found = await forgetCustomers(output, ['1'], []);
  expect(found.touched.map(({ place }) => place)).toEqual([join(output, 'runs', run), at('march 2026'), at('plain.tar')]);
  expect(found.unread).toEqual(['note.7.unfinished', 'older', 'packed.tar.gz'].map(at));
  for (const name of ['plain.tar', 'march 2026']) expect(readFileSync(at(name), 'utf8')).not.toContain('1,1');
  expect(readdirSync(at('.')).sort()).toEqual(['march 2026', 'note.7.unfinished', 'older', 'packed.tar.gz', 'plain.tar']);
  expect(erasureText(found, false)).toContain(`or compressed: ${at('packed.tar.gz')}\n`);
});

test('an archive that is written while customers are erased does not appear with them', async () => {
  const run = writeMadeRun(output, dates[0]!, list, dates[0], { source: { engine: 'duckdb' } });
  const options = { file: join(folder, 'away', 'run.tar'), data: true, overwrite: false };
  const { readBytes: read } = await vi.importActual<{ readBytes: typeof readBytes }>(
    '../../../packages/audit/src/archive/recorded-bytes.ts',
  );
  vi.mocked(readBytes).mockImplementationOnce(async (...args) => {
    // The archive has opened the file with lists. So it reads the rows of the customer even after they are erased.
    await forgetCustomers(output, ['1'], []);
    return read(...args);
  });
  await expect(archiveRun(output, run, options)).rejects.toThrow(`customers were erased from run ${run} meanwhile`);
  expect(readdirSync(join(folder, 'away'))).toEqual([]);
  expect(await archiveRun(output, run, options)).toMatchObject({ run });
  expect(readFileSync(options.file, 'utf8')).not.toContain(list);
});

/** Two released runs. */
async function releasedRuns() {
  writeKeys(folder);
  writeFileSync(join(folder, 'basketwise.yaml'), `${smallBank(2).config}release: { keys: keys.yaml }\n`);
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const runs = dates.map((date) => writeMadeRun(output, date, list));
  const { signal } = new AbortController();
  for (const run of runs) {
    await enterRun(settings, run, { as: 'batch' });
    for (const as of ['anna', 'ben']) await approveRun(settings, run, { as });
    await releaseRun(settings, run, { as: 'batch' }, signal);
  }
  const stop = () => stopPublication(settings, { because: 'x', to: runs[0]! }, signal);
  const forget = async (as?: string) =>
    forgetCustomers(output, ['1'], [], as === undefined ? undefined : await erasureSigner(settings, { as }));
  return { settings, runs, stop, forget };
}

test('a signed erasure leaves runs released, and an unsigned one does not', async () => {
  const { runs, stop, forget } = await releasedRuns();
  await expect(forget('batch')).rejects.toThrow('key batch may not do this');
  expect(await forget()).toMatchObject({ unsigned: runs });
  await expect(stop()).rejects.toThrow('no release of its present files');
});

test('a signed erasure vouches for no other change of a run', async () => {
  const { runs, stop, forget } = await releasedRuns();
  const [lists, erasures] = ['recommendations.csv', 'erasures.json'].map((name) => join(output, 'runs', runs[0]!, name));
  const before = readFileSync(lists!);
  writeFileSync(lists!, `${list}3,1\n`);
  expect(await forget('anna')).toMatchObject({ unsigned: [runs[0]] });
  await expect(stop()).rejects.toThrow('no release of its present files');
  // erasures that were put there by hand
  writeFileSync(lists!, before);
  writeFileSync(erasures!, sealedText({ version: 1, customers: 0, files: [] }));
  expect(await forget('anna')).toMatchObject({ unsigned: [runs[0]] });
  await expect(stop()).rejects.toThrow('no release of its present files');
  rmSync(erasures!);
  writeFileSync(lists!, before);
  expect(await forget('anna')).toMatchObject({ unsigned: [] });
  expect(await stop()).toMatchObject({ latest: runs[0] });
  // what no key vouches for is entered without a signature
  const [zero, one] = runs.map((run) => `runs/${run}/erasures.json`);
  expect(await filesOf()).toEqual([[one], [zero], [], [zero], [zero]]);
});

test('a key that cannot sign erases nothing', async () => {
  const { runs, stop, forget } = await releasedRuns();
  rmSync(join(folder, 'anna.pem'));
  await expect(forget('anna')).rejects.toThrow('no signature by key anna');
  for (const run of runs) expect(readFileSync(join(output, 'runs', run, 'recommendations.csv'), 'utf8')).toBe(list);
  expect(await stop()).toMatchObject({ latest: runs[0] });
});

test('a call whose signature fails erases nothing, and is repeated', async () => {
  const { settings, runs, stop } = await releasedRuns();
  const signer = await erasureSigner(settings, { as: 'anna' });
  const sign = vi.fn(signer.sign).mockRejectedValueOnce(new Error('lost'));
  await expect(forgetCustomers(output, ['1'], [], { ...signer, sign })).rejects.toThrow('lost');
  for (const run of runs) {
    expect(readdirSync(join(output, 'runs', run)).sort()).toEqual(['manifest.json', 'recommendations.csv', 'run.json', 'stages']);
    expect(readFileSync(join(output, 'runs', run, 'recommendations.csv'), 'utf8')).toBe(list);
  }
  expect(await filesOf()).toEqual([]);
  expect(await forgetCustomers(output, ['1'], [], { ...signer, sign })).toMatchObject({ unsigned: [] });
  expect(sign).toHaveBeenCalledTimes(2);
  expect(await stop()).toMatchObject({ latest: runs[0] });
});

test('runs with an erasure that no key signed are named until they are approved anew', async () => {
  const { settings, runs, forget } = await releasedRuns();
  await forget();
  for (const as of ['ben', undefined]) expect(await forget(as)).toMatchObject({ touched: [], unsigned: runs });
  await approveRun(settings, runs[0]!, { as: 'anna' });
  expect(await forget('ben')).toMatchObject({ unsigned: [runs[1]] });
  expect(await filesOf()).toEqual([runs.map((run) => `runs/${run}/erasures.json`), [], [], []]);
});

/** Lists of runs, and the names of their files. */
const stateOf = (runs: readonly string[]) =>
  runs.map((run) => ({
    list: readFileSync(join(output, 'runs', run, 'recommendations.csv'), 'utf8'),
    files: readdirSync(join(output, 'runs', run)).filter((name) => name.includes('erasure')),
  }));

test('a killed signed erasure is finished or undone by the next command, and loses no release', async () => {
  const [before, after] = [
    { list, files: [] },
    { list: 'customer,rank\n2,1\n', files: ['erasures.json'] },
  ];
  const outcomes: string[] = [];
  const apart = every(1, cases(10) > 1 ? 3 : 9);
  for (let at = 2, wasKilled = true; wasKilled; at += apart) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const { runs, stop, forget, settings } = await releasedRuns();
    wasKilled = await killedAt(folder, at, () => forget('anna'));
    const isSigned = (await filesOf()).length > 0;
    await expect(approveRun(settings, 'none', { as: 'anna' })).rejects.toThrow('no successful run');
    expect([at, stateOf(runs)]).toEqual([at, isSigned ? [after, after] : [before, before]]);
    for (const run of runs) await checkRun(join(output, 'runs', run));
    if (wasKilled) outcomes.push(isSigned ? 'finished' : 'undone');
    expect(await forget('ben')).toMatchObject({ unsigned: [] });
    expect(stateOf(runs)).toEqual([after, after]);
    expect([at, await stop()]).toMatchObject([at, { latest: runs[0] }]);
  }
  expect(new Set(outcomes)).toEqual(new Set(['undone', 'finished']));
});

longTest('a killed erasure without a key leaves no run half changed', async () => {
  for (let at = 1, wasKilled = true; wasKilled; at += every(1, 3)) {
    rmSync(output, { recursive: true, force: true });
    const runs = dates.map((date) => writeMadeRun(output, date, list));
    wasKilled = await killedAt(folder, at, () => forgetCustomers(output, ['1'], []));
    await (await takeOutput(output)).release();
    for (const run of runs) await checkRun(join(output, 'runs', run));
    await forgetCustomers(output, ['1'], []);
    expect((await filesOf()).flat().sort()).toEqual(runs.map((run) => `runs/${run}/erasures.json`));
  }
});

test('a missing archive leaves a signed erasure signed', async () => {
  const { settings, runs, stop } = await releasedRuns();
  const signer = await erasureSigner(settings, { as: 'anna' });
  await expect(forgetCustomers(output, ['1'], ['/missing.tar'], signer)).rejects.toThrow('missing.tar');
  expect(await stop()).toMatchObject({ latest: runs[0] });
});

test('only signed runs with the customer are hashed', async () => {
  const { forget, runs } = await releasedRuns();
  writeMadeRun(output, '2022-09-30', list); // from before `release`
  writeMadeRun(output, '2022-10-31', 'customer,rank\n7,1\n');
  vi.mocked(checkRun).mockClear();
  expect(await forget('anna')).toMatchObject({ unsigned: [] });
  expect(vi.mocked(checkRun).mock.calls).toEqual(runs.map((run) => [join(output, 'runs', run)]));
});
