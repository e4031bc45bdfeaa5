import { existsSync, readlinkSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { loadConfig, runJob } from '@basketwise/pipeline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { longTest, some } from '../../cases.ts';
import { basketwise, type SmallBank, smallBank, unwrapped, writeBank } from './small-bank.ts';

const clusters = 'clusters:\n  age: { k: 2, numeric: [age], model: models/age.arrow }\n';
const bank: SmallBank = { ...smallBank(600), config: smallBank().config + clusters };

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = await writeBank(bank));
  await run();
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

  test('a rule that suddenly excludes all customers', async () => {
    await deliver('customers', (line) => line.replace(/Y$/, ''));
    expect(await stopped()).toContain('customers who pass rule NO_CONSENT 80.0 % -> 0.0 %; guards.max_share_change is 10.0 %');
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
  const first = await writeBank({ ...bank, holdings: bank.holdings.replaceAll(/^0+/gm, 'x') });
  try {
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
  } finally {
    await first.remove();
  }
});

longTest('limits of the config let it pass, in the same run', async () => {
  await deliver('customers', (line) => line.replace(/Y$/, ''));
  await stopped();
  await configure('max_share_change: 0.8');
  const { stages } = await run();
  expect(stages[0]).toMatchObject({ name: 'extract', status: 'skipped' });
});

longTest('--accept-drop lets it pass', async () => {
  await deliver('customers', (line) => line.replace(/Y$/, ''));
  const before = latest();
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect(exitCode).toBe(65);
  expect(stderr).toContain('guards.max_share_change is 10.0 %');
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
