import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contextAt } from '@basketwise/core';
import { openSnapshot, queryRows } from '@basketwise/data';
import { customerContexts, loadConfig, type RunReport, readFeatureFile, runJob } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { ownPast } from '../../packages/pipeline/src/features/kept-features.ts';
import { longTest } from '../cases.ts';
import { basketwise, type SmallBank, smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const day = (year: number, month: number, date: number) => new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);

/** The small bank with a birth date, a balance and a history of it. */
function bankWith(features: string, history = ''): SmallBank {
  const bank = smallBank();
  const [head, ...people] = bank.customers.trimEnd().split('\n');
  const rows = people.map((row, i) => `${row},${day(1950 + (i % 50), 1 + (i % 12), 15)},${(i % 9) * 100},${i % 3 ? 'F' : 'M'}`);
  return {
    ...bank,
    customers: `${[`${head},born,balance,sex`, ...rows].join('\n')}\n`,
    config: `${bank.config.replace('id: id }', `id: id${history} }`)}evaluate: { gap: 0 days }\nfeatures:\n${features}`,
  };
}

const all = `  sex: { column: sex, fixed: true }
  age: { sql: "date_diff('year', CAST(born AS DATE), :date)", bands: [30, 50], fixed: true }
  age_sex: { cross: [age, sex] }
  balance: { column: balance, bands: 3 }
`;

const run = async (folder: string, referenceDate?: string): Promise<RunReport> =>
  runJob(await loadConfig(join(folder, 'basketwise.yaml')), referenceDate ? { referenceDate } : {});

const hashes = ({ folder }: RunReport) =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).files.map((one: { file: string; sha256: string }) => [
    one.file,
    one.sha256,
  ]);

test('a run makes features of the bank, says which cannot rank yet, and the next runs know what it kept', async () => {
  const { folder, remove } = await writeBank(bankWith(all));
  const first = await run(folder, '2022-03-31');
  expect(first.features).toMatchObject({
    features: [
      { name: 'sex', levels: 3 },
      { name: 'age', levels: 4 },
      { name: 'age_sex', levels: 6 },
    ],
    unknown: [{ feature: 'balance', knownSince: '2022-03-31', ranksSince: '2022-07-30' }],
  });
  expect(first.warnings.join('\n')).toContain(
    'features.balance: it does not rank, as it changes and nothing is known of 2022-02-28',
  );
  expect(statSync(join(first.folder, 'features.parquet')).mode & 0o777).toBe(0o600);
  expect(statSync(join(first.folder, 'features.json')).mode & 0o777).toBe(0o600);
  const again = await run(folder, '2022-03-31');
  expect(again.stages.every(({ status }) => status === 'skipped')).toBe(true);

  const changed = readFileSync(join(folder, 'customers.csv'), 'utf8').replace(
    /,(\d+),([FM])$/gm,
    (_, balance, sex) => `,${Number(balance) + 1000},${sex}`,
  );
  writeFileSync(join(folder, 'customers.csv'), changed);
  const { config } = await loadConfig(join(folder, 'basketwise.yaml'));
  expect(await ownPast(join(folder, 'out'), '2022-03-30', config)).toBeUndefined();
  expect(await ownPast(join(folder, 'out'), '2022-04-30', config)).toMatchObject({ run: first.run, columns: ['balance'] });
  const other = { ...config, features: { balance: { sql: 'balance + 1', bands: 3, fixed: false } } };
  expect(await ownPast(join(folder, 'out'), '2022-04-30', other)).toBeUndefined();

  const second = await run(folder, '2022-08-31');
  expect(second.features!.unknown).toEqual([]);
  const { features } = await readFeatureFile(second.folder);
  expect(features.map(({ name }) => name)).toEqual(['sex', 'age', 'age_sex', 'balance']);
  const snapshot = await openSnapshot(join(second.folder, 'snapshot'), {
    memory: '500MB',
    threads: 2,
    tempDirectory: join(folder, 'spill'),
  });
  const values = await queryRows(
    snapshot.engine,
    'SELECT c.feature_2_0 AS now, p.feature_2_1 AS before FROM customers c JOIN past p USING (customer)',
  );
  expect(values).toHaveLength(60);
  for (const { now, before } of values) expect(now).toBe(Number(before) + 1000);
  const contexts = customerContexts(snapshot, features);
  const then = (await contexts.at('2022-07-31'))!;
  const balances = new Set(Array.from({ length: then.codes.length / features.length }, (_, at) => contextAt(then, at)[3]));
  expect([...balances].every((level) => level === 'below 1300' || level === features[3]!.levels[0])).toBe(true);
  await snapshot.close();
  await remove();
});

longTest('bytes do not depend on threads; without features there is nothing of them', async () => {
  const history = ', since: born, history: { from: past.csv, id: id, date: base }';
  const bank = bankWith(all, history);
  const past = Array.from({ length: 60 }, (_, i) => [
    `${String(i).padStart(4, '0')},2022-01-31,${i}`,
    `${String(i).padStart(4, '0')},2022-06-30,${60 - i}`,
  ]);
  const runs: RunReport[] = [];
  const folders: (() => Promise<void>)[] = [];
  for (const workers of [1, 3]) {
    const { folder, remove } = await writeBank({ ...bank, config: bank.config.replace('workers: 2', `workers: ${workers}`) });
    await writeFile(join(folder, 'past.csv'), `id,base,balance\n${past.flat().join('\n')}\n`);
    folders.push(remove);
    runs.push(await run(folder));
  }
  expect(runs[0]!.features!.unknown).toEqual([]);
  expect(hashes(runs[1]!)).toEqual(hashes(runs[0]!));
  expect(hashes(runs[0]!).map(([file]: [string]) => file)).toEqual(
    expect.arrayContaining(['snapshot/past.parquet', 'features.json', 'features.parquet']),
  );
  const plain = await writeBank(smallBank());
  const { folder, features } = await run(plain.folder);
  expect(features).toBeNull();
  expect(readdirSync(folder)).not.toContain('features.json');
  expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).not.toContain('features');
  for (const remove of [...folders, plain.remove]) await remove();
});

test('`:date` is the reference date in derived columns and rules', async () => {
  const bank = bankWith('  old: { column: is_old, fixed: true }\n');
  const config = `${bank.config.replace("consent = 'Y'", 'CAST(born AS DATE) < :date')}consent: { none: by age }\nderive: { is_old: "date_diff('year', CAST(born AS DATE), :date) >= 50" }\n`;
  const { folder, remove } = await writeBank({ ...bank, config });
  const report = await run(folder);
  expect(report.features!.features).toEqual([{ name: 'old', levels: 3 }]);
  expect(report.extract.rules[0]).toMatchObject({ eligible: 60, notEligible: 0 });
  await remove();
});

test('a key of customers is refused by doctor, by --dry-run, and by a run before the extraction', async () => {
  const { folder, remove } = await writeBank(bankWith('  key: { column: id, fixed: true }\n'));
  const refusal = /features\.key: 60\s+customers have 60 values/;
  for (const args of [['doctor'], ['run', '--dry-run'], ['run']]) {
    const { exitCode, stdout, stderr } = await basketwise(folder, ...args);
    expect(stdout + stderr).toMatch(refusal);
    expect(exitCode).toBe(78);
  }
  expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('snapshot'))).toEqual([]);
  await remove();
});

test.each([
  ['one value', 65, `  one: { sql: "'a'", fixed: true }\n`, 'features.one: it has one value'],
  ['no column', 65, '  x: { column: sexx, fixed: true }\n', 'has no column sexx'],
  ['bad SQL', 78, '  x: { sql: "sex ===", fixed: true }\n', 'features.x'],
])('%s: exit code %i', async (_, code, features, message) => {
  const { folder, remove } = await writeBank(bankWith(features));
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect(stderr).toContain(message);
  expect(exitCode).toBe(code);
  await remove();
});
