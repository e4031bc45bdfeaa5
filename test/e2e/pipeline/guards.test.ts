import { existsSync, readlinkSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type PlainDate } from '@basketwise/core';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { basketwise, type SmallBank, smallBank, testBank, unwrapped, writeBank } from './small-bank.ts';

const clusters = 'clusters:\n  age: { k: 2, numeric: [age], model: models/age.arrow }\n';
const plain = smallBank(600);
/** Every third account is closed, on a day and by a Slovak word. */
const withEnds = (line: string, i: number) => `${line},${i % 3 ? ',aktívny' : '2021-05-31,zrušený'}`;
const [holdingHead, ...holdingLines] = plain.holdings.trim().split('\n');
const bank: SmallBank = {
  ...plain,
  holdings: `${holdingHead},ended,stav\n${holdingLines.map(withEnds).join('\n')}\n`,
  config:
    plain.config.replace(/^model:.*$/m, 'model: { kind: popularity }').replace('date: opened', 'date: opened, closed: ended') +
    clusters,
};

let folder: string;
let remove: () => Promise<void>;
/** The bank after a night, which each test begins with. */
let night: Awaited<ReturnType<typeof writeBank>>;
beforeAll(async () => {
  night = await writeBank(bank);
  folder = night.folder;
  await run();
});
afterAll(() => night.remove());
beforeEach(async () => {
  ({ folder, remove } = await writeBank(bank));
  for (const made of ['out', 'models'])
    await cp(join(night.folder, made), join(folder, made), { recursive: true, verbatimSymlinks: true });
});
afterEach(() => remove());

const run = async (acceptDrop = false) => runJob(await loadConfig(join(folder, 'basketwise.yaml')), { acceptDrop });
const latest = () => readlinkSync(join(folder, 'out', 'latest'));

/** Delivers a table otherwise than the night before. */
async function deliver(table: 'customers' | 'holdings', change: (line: string, i: number) => string | undefined): Promise<void> {
  const [head, ...lines] = bank[table].trim().split('\n');
  const changed = lines.map(change).filter((line) => line !== undefined);
  await writeFile(join(folder, `${table}.csv`), `${[head, ...changed].join('\n')}\n`);
}

async function configure(guards: string): Promise<void> {
  const path = join(folder, 'basketwise.yaml');
  await writeFile(path, (await readFile(path, 'utf8')).replace(/guards: .*/, `guards: { ${guards} }`));
}

async function stopped(): Promise<string> {
  const before = latest();
  const error = await run().catch((reason) => reason as unknown);
  if (!(error instanceof AppError)) throw error;
  expect(error.code).toBe('bad-data');
  expect(error.hint).toContain('--accept-drop');
  expect(error.message).toContain(`the last successful run is ${before.split('/').at(-1)}`);
  expect(latest()).toBe(before);
  return error.message;
}

const insurance = /실손보험|연금보험/;

describe('a night that cannot be right against the one before is stopped with figures and limit', () => {
  test('one class has lost rows that the whole table can spare', async () => {
    await configure('max_row_drop: 0.5, max_share_change: 1, max_without_holdings_rise: 1');
    await deliver('holdings', (line) => (insurance.test(line) ? undefined : line));
    expect(await stopped()).toMatch(
      /^fewer rows than in the last successful run: holdings of class insurance \d+ -> 0 \(-100\.0 %\); guards\.max_row_drop is 50\.0 %;/,
    );
  });

  longTest('more customers without holdings', async () => {
    await configure('max_row_drop: 1, max_share_change: 1');
    await deliver('holdings', (line) => (/^0[0-2]/.test(line) ? undefined : line));
    expect(await stopped()).toMatch(
      /^customers without holdings \d+\.\d % -> \d+\.\d %; guards\.max_without_holdings_rise is 5\.0 %;/,
    );
  });

  longTest('another mix of classes', async () => {
    await deliver('holdings', (line) => line.replace(insurance, '적금'));
    expect(await stopped()).toMatch(
      /shares have jumped since the last successful run: holdings of class deposit \d+\.\d % -> 100\.0 %, holdings of class insurance \d+\.\d % -> 0\.0 %; guards\.max_share_change is 10\.0 %/,
    );
  });

  const losses: [string, string, 'customers' | 'holdings', (line: string) => string, RegExp][] = [
    ['days of closing', '', 'holdings', (line) => line.replace('2021-05-31', ''), /tables\.holdings\.ended 460 -> 0/],
    [
      'words of a status through another encoding',
      ", sql: \"SELECT * EXCLUDE ended, CASE WHEN stav = 'zrušený' THEN ended END AS ended FROM 'holdings.csv'\"",
      'holdings',
      (line) => line.replace('zrušený', 'zruĹˇenĂ˝'),
      /tables\.holdings\.ended 460 -> 0/,
    ],
    [
      'words of `where`',
      ', where: "stav <> \'zrušený\'"',
      'holdings',
      (line) => line.replace('zrušený', 'zruĹˇenĂ˝'),
      /rows left out by tables\.holdings\.where \w{8} 460 -> 0/,
    ],
    ['ages', '', 'customers', (line) => line.replace(/,\d+,/, ',,'), /tables\.customers\.age 600 -> 0/],
    ['objections', '', 'customers', (line) => line.replace('N', 'Y'), /customers excluded by rule NO_CONSENT 120 -> 0/],
  ];
  test.each(some(losses, 1))('values are gone: %s', async (_, keys, table, change, lost) => {
    await configure('max_share_change: 1, max_row_drop: 1, max_without_holdings_rise: 1');
    const path = join(folder, 'basketwise.yaml');
    const config = (await readFile(path, 'utf8')).replace('closed: ended', `closed: ended${keys}`);
    await writeFile(path, keys.includes('sql') ? config.replace('from: holdings.csv, ', '') : config);
    await run(true);
    await deliver(table, change);
    expect(await stopped()).toMatch(
      new RegExp(
        `^fewer rows have a value than in the last successful run: .*${lost.source}; guards\\.max_value_drop is 50\\.0 %;`,
      ),
    );
  });

  longTest('clusters of a kept model that have jumped; what was done till then is not done again', async () => {
    expect(existsSync(join(folder, 'models', 'age.arrow'))).toBe(true);
    await deliver('customers', (line, i) => line.replace(/,\d+,/, i % 10 ? ',75,' : ',25,'));
    expect(await stopped()).toMatch(/cluster [01] of age \d+\.\d % -> 90\.0 %/);
    const { stages, clusters: found } = await run(true);
    expect(stages.filter(({ status }) => status === 'skipped').map(({ name }) => name)).toEqual([
      'extract',
      'segment',
      'cluster',
    ]);
    expect(found[0]!.sizes).toContain(540);
  });

  longTest('holdings of customers who are not there', async () => {
    await configure('max_row_drop: 1, max_share_change: 1, max_without_holdings_rise: 1, max_unknown_customers: 0.1');
    await deliver('holdings', (line, i) => (i % 5 ? line : line.replace(/^0/, 'x')));
    expect(await stopped()).toMatch(
      /^\d+ of \d+ holdings are of customers that the customers table lacks: 20\.\d % \(0\.0 % before\); guards\.max_unknown_customers is 10\.0 %;/,
    );
  });

  longTest('shares are of the rows that `where` leaves', async () => {
    await configure('max_row_drop: 1, max_share_change: 1, max_without_holdings_rise: 1, max_unknown_products: 0.3');
    const where = ', where: "product <> \'적금\'"';
    const path = join(folder, 'basketwise.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/(holdings: {.*) }/, `$1${where} }`));
    // half of all rows are left out: of the others 40 % are unknown, of all 20 %
    await deliver('holdings', (line, i) => line.replace(/,[^,]+,/, i % 2 ? ',적금,' : i % 10 < 4 ? ',없는상품,' : ',정기예금,'));
    expect(await stopped()).toMatch(/40\.\d % \(0\.0 % before\); guards\.max_unknown_products is 30\.0 %/);
  });

  longTest('several at once are all named', async () => {
    await deliver('holdings', (line, i) => (i % 2 ? line.replace(/,[^,]+,/, ',없는상품,') : undefined));
    const message = await stopped();
    expect(message).toMatch(/: 100\.0 % \(0\.0 % before\); guards\.max_unknown_products is 5\.0 %/);
    expect(message).toMatch(/holdings \d+ -> 0 \(-100\.0 %\)/);
    expect(message).toContain('customers without holdings');
  });
});

test('ids without their leading zeros, which leave no holding, stop a first night too, and none of its limits helps', async () => {
  const first = await testBank({ ...bank, holdings: bank.holdings.replaceAll(/^0+/gm, 'x') });
  const settings = await loadConfig(join(first.folder, 'basketwise.yaml'));
  await expect(runJob(settings)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining('guards.max_unknown_customers is 5.0 %'),
  });
  await expect(runJob(settings, { acceptDrop: true })).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringMatching(
      /^tables\.holdings: no holding can be used; of \d+ rows are \d+ of customers that the customers table lacks$/,
    ),
  });
  expect(existsSync(join(first.folder, 'out', 'latest'))).toBe(false);
});

test('tables of an earlier month stop a run of this one, also the first; undated holdings do not', async () => {
  const settings = await loadConfig(join(folder, 'basketwise.yaml'));
  const referenceDate = '2022-09-15' as PlainDate;
  await expect(runJob(settings, { referenceDate })).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining(
      'the newest holding was opened on 2022-08-15, 31 days before the reference date 2022-09-15; guards.max_days_old is 30',
    ),
  });
  await configure('max_days_old: 31');
  const { warnings } = await runJob(await loadConfig(join(folder, 'basketwise.yaml')), { referenceDate });
  expect(warnings.join()).not.toContain('later date');
  // The run of the earlier date takes `latest` back.
  expect((await run()).warnings).toContainEqual(expect.stringMatching(/^latest was the run 2022-09-15-\w+ of a later date/));
  const path = join(folder, 'basketwise.yaml');
  await writeFile(path, (await readFile(path, 'utf8')).replace('date: opened, closed: ended', 'date: null'));
  await runJob(await loadConfig(path), { referenceDate: '2030-01-31' as PlainDate, acceptDrop: false });
});

test('a status that the config does not name is warned of, by doctor too, until `where` names its values', async () => {
  const warning = 'tables.holdings: 460 of 1400 rows that count as held have a status in stav that the config does not name';
  await configure('max_value_drop: 1, max_share_change: 1, max_row_drop: 1');
  const path = join(folder, 'basketwise.yaml');
  const config = (await readFile(path, 'utf8')).replace('closed: ended', 'closed: null');
  await writeFile(path, config);
  expect((await run()).warnings).toContainEqual(expect.stringContaining(warning));
  for (const data of [[], ['--data']]) expect((await basketwise(folder, 'doctor', '--json', ...data)).stdout).toContain(warning);
  await writeFile(path, config.replace('closed: null', 'closed: null, where: "stav = \'aktívny\'"'));
  expect((await run()).warnings.join()).not.toContain('stav');
});

longTest('limits of the config let it pass, in the same run', async () => {
  await deliver('customers', (line) => line.replace(/Y$/, ''));
  await stopped();
  await configure('max_share_change: 0.8');
  const { stages } = await run();
  expect(stages[0]).toMatchObject({ name: 'extract', status: 'skipped' });
});

test('a rule that suddenly excludes all customers stops the run; --accept-drop lets it pass', async () => {
  await deliver('customers', (line) => line.replace(/Y$/, ''));
  const before = latest();
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect(exitCode).toBe(65);
  expect(stderr).toContain('customers who pass rule NO_CONSENT 80.0 % -> 0.0 %; guards.max_share_change is 10.0 %');
  expect((await basketwise(folder, 'run', '--accept-drop')).exitCode).toBe(0);
  expect(latest()).not.toBe(before);
});

longTest('clusters that are fitted again are not compared, and an ordinary next night passes', async () => {
  await writeFile(join(folder, 'basketwise.yaml'), bank.config.replace(', model: models/age.arrow', ''));
  await run();
  await deliver('customers', (line) => line.replace(/,(\d+),/, (_, age) => `,${Number(age) < 70 ? 30 : 75},`));
  await run();
  await deliver('holdings', (line, i) => (i % 50 ? line : undefined));
  await run();
});

const harms: [string, (manifest: string) => Promise<void>][] = [
  ['missing', (manifest: string) => rm(manifest)],
  ['damaged', (manifest: string) => writeFile(manifest, '{"version": 1, "extract": {}}')],
];
test.each(some(harms, 1))(
  'a manifest of the last successful run that is %s: a warning, as nothing was compared',
  async (_, harm) => {
    const before = latest().split('/').at(-1);
    await harm(join(folder, 'out', 'latest', 'manifest.json'));
    await deliver('customers', (line) => line.replace(/Y$/, ''));
    const { exitCode, stderr, stdout } = await basketwise(folder, 'run', '--json');
    expect(exitCode).toBe(0);
    const warning = `manifest.json of the last successful run, ${before}, is missing, damaged or of another version: guards compared this run with nothing`;
    expect(unwrapped(stderr)).toContain(`warning: ${warning}\n`);
    expect(JSON.parse(stdout).warnings).toContain(warning);
    expect(await readFile(join(folder, 'out', 'latest', 'report.json'), 'utf8')).toContain(warning);
    expect(await readFile(join(folder, 'out', 'latest', 'manifest.json'), 'utf8')).not.toContain(warning);
  },
);
