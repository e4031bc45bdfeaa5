import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, exitCodes } from '@basketwise/core';
import { loadConfig, type RunReport, runJob } from '@basketwise/pipeline';
import { describe, expect, test } from 'vitest';
import { keepText } from '../../privacy/talk.ts';
import { basketwise, type SmallBank, smallBank, testBank, writeBank } from './small-bank.ts';

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
  const { folder } = await testBank({ ...bank, ...change(bank) });
  await prepare(folder);
  const outcome = await attempt(folder);
  return { ...outcome, left: leftBehind(folder), state: runState(folder) };
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
  const cases: [string, number, string, Change, ((folder: string) => Promise<void>)?][] = [
    ['a missing file', 66, 'holdings.csv', () => ({}), (folder) => rm(join(folder, 'holdings.csv'))],
    ['a missing source folder', 66, 'source.path', ({ config }) => ({ config: config.replace('path: .', 'path: nowhere') })],
    [
      'an unknown config key',
      78,
      'basketwise.yaml:14:1 topn: unknown key; did you mean `top_n`?',
      ({ config }) => ({ config: config.replace('top_n', 'topn') }),
    ],
    [
      'too many holdings of unknown products',
      65,
      'holdings point at fewer than 10 products that the products table lacks (snapshot/unknown-products.csv',
      ({ holdings }) => ({ holdings: holdings + '0001,없는상품,2020-01-15\n'.repeat(20) }),
    ],
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

describe('what is odd but bearable is counted or warned about', () => {
  async function report(change: Change): Promise<RunReport> {
    const { failure, report } = await runBank(change);
    expect(failure).toBeUndefined();
    return report!;
  }

  test('one customer, one product', async () => {
    const { campaigns } = await report(({ config }) => ({
      customers: 'id,age,consent\n0001,30,Y\n',
      products: 'code,name,class,sale_end\nD1,입출금통장,deposit,\nI1,실손보험,insurance,\n',
      holdings: 'customer,product,opened\n0001,입출금통장,2022-01-15\n',
      config: config.replace('max_unknown_products: 0.05', 'max_unknown_products: 1, max_days_old: 300'),
    }));
    expect(campaigns.map(({ campaign }) => campaign)).toEqual(['deposit-upsell', 'insurance-cross']);
  });
});
