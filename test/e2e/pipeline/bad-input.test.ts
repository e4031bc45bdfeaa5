import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { exitCodes } from '@basketwise/pipeline/exit-codes';
import { describe, expect, test } from 'vitest';
import { longTest } from '../../cases.ts';
import { keepText } from '../../privacy/talk.ts';
import { basketwise, type SmallBank, smallBank, writeBank } from './small-bank.ts';

type Change = (bank: SmallBank) => Partial<SmallBank>;

interface Attempt {
  failure: AppError | undefined;
  report: RunReport | undefined;
}

async function attempt(folder: string): Promise<Attempt> {
  try {
    return { report: await runJob(await loadConfig(join(folder, 'basketwise.yaml'))), failure: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    keepText('error', `${error.message} ${error.hint}`);
    return { failure: error, report: undefined };
  }
}

async function runBank(change: Change, prepare: (folder: string) => Promise<void> = async () => {}) {
  const bank = smallBank();
  const { folder, remove } = await writeBank({ ...bank, ...change(bank) });
  try {
    await prepare(folder);
    const outcome = await attempt(folder);
    return { ...outcome, left: leftBehind(folder), state: runState(folder) };
  } finally {
    await remove();
  }
}

/** Visible names of a run: of published things, and of unfinished ones, which must not be there. */
function leftBehind(folder: string): { latest: boolean; manifests: number; unfinished: string[] } {
  const out = join(folder, 'out');
  const names = existsSync(out) ? (readdirSync(out, { recursive: true }) as string[]) : [];
  return {
    latest: names.includes('latest'),
    manifests: names.filter((name) => /^runs\/[^/]+\/manifest\.json$/.test(name)).length,
    unfinished: names.filter((name) => /unfinished|\.tmp|\.lock|^tmp/.test(name)),
  };
}

function runState(folder: string): { status?: string; exitCode?: number; stage?: string } {
  const runs = join(folder, 'out', 'runs');
  const [name] = existsSync(runs) ? readdirSync(runs) : [];
  return name ? JSON.parse(readFileSync(join(runs, name, 'run.json'), 'utf8')) : {};
}

function expectFailure(failure: AppError | undefined, code: number, message: string): void {
  expect(failure?.message).toContain(message);
  expect(failure && exitCodes[failure.code]).toBe(code);
  expect(failure?.hint).not.toBe('');
}

const nothing = { latest: false, manifests: 0, unfinished: [] };

describe('a run that cannot succeed says what, where and what to do, and leaves nothing half-written', () => {
  const empty = (head: string) => `${head}\n`;
  const cases: [string, number, string, Change, ((folder: string) => Promise<void>)?][] = [
    ['a missing file', 66, 'holdings.csv', () => ({}), (folder) => rm(join(folder, 'holdings.csv'))],
    ['a missing source folder', 66, 'source.path', ({ config }) => ({ config: config.replace('path: .', 'path: nowhere') })],
    ['no customers', 66, 'customers', () => ({ customers: empty('id,age,consent') })],
    ['no products', 66, 'products', () => ({ products: empty('code,name,class,sale_end') })],
    ['a missing column', 65, 'no column csno', ({ config }) => ({ config: config.replace('id: id', 'id: csno') })],
    ['a column of the wrong type', 65, 'sale_end', ({ products }) => ({ products: products.replace('20200101', 'never') })],
    [
      'an unknown config key',
      78,
      'basketwise.yaml:14:1 topn: unknown key; did you mean `top_n`?',
      ({ config }) => ({ config: config.replace('top_n', 'topn') }),
    ],
    ['bad SQL in a rule', 78, 'rules', ({ config }) => ({ config: config.replace("consent = 'Y'", 'consent ===') })],
    [
      'a class without products',
      78,
      'no product is of class `card`',
      ({ config }) => ({ config: config.replace('class: insurance, columns: [deposit, insurance]', 'class: card') }),
    ],
    [
      'too many holdings of unknown products',
      65,
      'holdings point at fewer than 10 products that the products table lacks (snapshot/unknown-products.csv',
      ({ holdings }) => ({ holdings: holdings + '0001,없는상품,2020-01-15\n'.repeat(20) }),
    ],
    ['duplicate customer ids', 65, 'customers', ({ customers }) => ({ customers: `${customers}0001,30,Y\n` })],
    ['no customer with an id', 66, 'customers', () => ({ customers: 'id,age,consent\n,30,Y\n' })],
  ];
  test.each(cases)('%s: exit code %i', async (_, code, message, change, prepare) => {
    const { failure, left, state } = await runBank(change, prepare);
    expectFailure(failure, code, message);
    expect(left).toEqual(nothing);
    if (state.status !== undefined) expect(state).toMatchObject({ status: 'failed', exitCode: code });
  });

  test('a damaged cluster model file: exit code 65', async () => {
    const clusters = 'clusters:\n  all: { k: 2, numeric: [age], model: clusters.arrow }\n';
    const { failure, left, state } = await runBank(
      ({ config }) => ({ config: config + clusters }),
      (folder) => writeFile(join(folder, 'clusters.arrow'), 'ARROW1 but no more'),
    );
    expectFailure(failure, 65, 'clusters.all.model');
    expect(left).toEqual(nothing);
    expect(state).toMatchObject({ status: 'failed', exitCode: 65, stage: 'cluster' });
  });

  test('wrong usage: exit code 64; a failure of the program: its code, its message, and JSON where asked for', async () => {
    const { folder, remove } = await writeBank({ ...smallBank(), config: 'topn: 5\n' });
    for (const args of [['run', '--no-such-option'], ['no-such-command'], ['sample', '--customers', 'many']]) {
      expect((await basketwise(folder, ...args)).exitCode).toBe(64);
    }
    const { exitCode, stdout, stderr } = await basketwise(folder, 'run', '--json');
    expect(exitCode).toBe(78);
    expect(stderr).toContain('basketwise.yaml:1:1 topn: unknown key; did you mean `top_n`?');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'config', exitCode: 78 } });
    expect(existsSync(join(folder, 'out'))).toBe(false);
    await remove();
  });
});

longTest('a table that has shrunk since the last successful run: exit code 65, which --accept-drop overrides', async () => {
  const bank = smallBank();
  const { folder, remove } = await writeBank(bank);
  expect((await attempt(folder)).failure).toBeUndefined();
  const kept = bank.holdings.split('\n').slice(0, 40).join('\n');
  await writeFile(join(folder, 'holdings.csv'), `${kept}\n`);
  const before = readlinkSync(join(folder, 'out', 'latest'));
  const { failure } = await attempt(folder);
  expectFailure(failure, 65, 'fewer rows than in the last successful run: holdings');
  expect(readlinkSync(join(folder, 'out', 'latest'))).toBe(before);
  await runJob(await loadConfig(join(folder, 'basketwise.yaml')), { acceptDrop: true });
  expect(readlinkSync(join(folder, 'out', 'latest'))).not.toBe(before);
  await remove();
});

describe('what is odd but bearable is counted or warned about', () => {
  async function report(change: Change): Promise<RunReport> {
    const { failure, report } = await runBank(change);
    expect(failure).toBeUndefined();
    return report!;
  }

  test('a few holdings of unknown products are counted and listed', async () => {
    const { extract } = await report(({ holdings }) => ({ holdings: `${holdings}0001,없는상품,2020-01-15\n` }));
    expect(extract.holdings.unknownProduct).toBe(1);
    expect(extract.unknownProducts).toEqual({ distinct: 1 });
  });

  test('holdings after the reference date are left out and counted', async () => {
    const { extract } = await report(({ holdings }) => ({ holdings: `${holdings}0001,적금,2022-09-01\n` }));
    expect(extract.holdings.afterReference).toBe(1);
  });

  test('more factors than products, and alpha x weight below 1', async () => {
    const { warnings } = await report(({ config }) => ({
      config: config.replace('factors: 4', 'factors: 64').replace('alpha: 10', 'alpha: 2'),
    }));
    expect(warnings.some((warning) => warning.includes('factors: 64 is more than the'))).toBe(true);
    expect(warnings.some((warning) => warning.includes('alpha 2 x recency weight 0.25 is below 1'))).toBe(true);
  });

  test('one customer, one product', async () => {
    const { campaigns } = await report(({ config }) => ({
      customers: 'id,age,consent\n0001,30,Y\n',
      products: 'code,name,class,sale_end\nD1,입출금통장,deposit,\nI1,실손보험,insurance,\n',
      holdings: 'customer,product,opened\n0001,입출금통장,2022-01-15\n',
      config: config.replace('max_unknown_products: 0.05', 'max_unknown_products: 1'),
    }));
    expect(campaigns.map(({ campaign }) => campaign)).toEqual(['deposit-upsell', 'insurance-cross']);
  });
});
