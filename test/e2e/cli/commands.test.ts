import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { jobStages, parseConfig } from '@basketwise/pipeline';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { some } from '../../cases.ts';
import { basketwise, basketwiseUntil, smallBank, startBasketwise, testBank } from '../pipeline/small-bank.ts';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(smallBank()));
});

/** Names of the stages of the bank's runs, in order. */
const stages = jobStages(parseConfig(smallBank().config, 'basketwise.yaml').config);
const runs = () => readdirSync(join(folder, 'out', 'runs'));
/** Files of the output folder that live no longer than a command. */
const hidden = () =>
  existsSync(join(folder, 'out')) ? readdirSync(join(folder, 'out')).filter((name) => name.startsWith('.')) : [];
const latest = () => realpathSync(join(folder, 'out', 'latest'));

test('run prints targets, served, baskets, models and coverage of each campaign and where things lie; again: everything is skipped', async () => {
  const first = await basketwise(folder, 'run');
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toMatch(/campaign +targets +served +distinct baskets +models +coverage\n/);
  expect(first.stdout).toMatch(/deposit-upsell +\d+ +\d+ +\d+ +1 +[\d.]+ %\n/);
  expect(first.stdout).toMatch(/insurance-cross +\d+ +\d+ +\d+ +1 +[\d.]+ %\n/);
  const places = [...first.stdout.matchAll(/^(results \(\w+\)|report|manifest) +(.+)$/gm)].map(([, , path]) => path!);
  expect(places.filter(existsSync).length).toBe(4);
  const second = await basketwise(folder, 'run');
  expect(second.exitCode).toBe(0);
  expect(stages.length).toBeGreaterThan(7);
  expect(second.stderr.match(/: unchanged, skipped/g)?.length).toBe(stages.length);
  expect(second.stdout).toContain(`${stages.length} stages, ${stages.length} unchanged and skipped`);
  expect(runs().length).toBe(1);
});

test('another reference date makes another run; report names it, rollback goes back', async () => {
  await basketwise(folder, 'run');
  const first = latest();
  expect((await basketwise(folder, 'run', '--reference-date', '2022-07-31')).exitCode).toBe(0);
  const report = await basketwise(folder, 'report');
  expect(report.stdout).toBe(
    `${join(folder, 'out', 'runs', runs().find((run) => run.startsWith('2022-07-31'))!, 'report.html')}\n`,
  );
  const rolled = await basketwise(folder, 'rollback', first.split('/').at(-1)!);
  expect(rolled.exitCode).toBe(0);
  expect(latest()).toBe(first);
  expect((await basketwise(folder, 'rollback', 'no-such-run')).exitCode).toBe(66);
  expect((await basketwise(folder, 'run', '--reference-date', '2022-02-30')).exitCode).toBe(64);
});

test.each([
  ['UTC', 'yesterday', '2024-02-28'],
  ['Asia/Seoul', 'yesterday', '2024-02-29'],
  ['Asia/Seoul', 'today', '2024-03-01'],
  ['UTC', 'latest', '2022-08-15'],
])('in %s, `--reference-date %s` is %s', async (zone, word, date) => {
  vi.stubEnv('TZ', zone);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2024, 1, 29, 17, 30) });
  try {
    const { stdout } = await basketwise(folder, 'run', '--dry-run', '--json', '--reference-date', word);
    expect(JSON.parse(stdout).run).toMatch(new RegExp(`^${date}-`));
  } finally {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  }
});

test('--stage stops after a stage, or begins again at one', async () => {
  const stopped = await basketwise(folder, 'run', '--stage', 'segment');
  expect(stopped.exitCode).toBe(0);
  expect(stopped.stdout).toMatch(/^run 2022-08-31-\w{8} stopped after segment\n$/);
  expect(existsSync(join(folder, 'out', 'latest'))).toBe(false);
  const rest = await basketwise(folder, 'run');
  expect(rest.stderr.match(/: unchanged, skipped/g)?.length).toBe(stages.indexOf('segment') + 1);
  const again = await basketwise(folder, 'run', '--stage', 'publish..');
  expect(again.stderr.match(/: unchanged, skipped/g)?.length).toBe(stages.indexOf('publish'));
  expect((await basketwise(folder, 'run', '--stage', 'no-such')).exitCode).toBe(64);
});

describe('a run that is stopped', () => {
  const signals = [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 143],
  ] as const;
  test.each(some(signals, 1))('by %s ends with %i, leaves its state, and goes on next time', async (signal, code) => {
    const stopped = await basketwiseUntil(folder, { at: 'extract ...', signal }, 'run');
    expect(stopped.exitCode).toBe(code);
    const state = JSON.parse(readFileSync(join(folder, 'out', 'runs', runs()[0]!, 'run.json'), 'utf8'));
    expect(state).toMatchObject({ status: 'stopped', exitCode: code });
    expect(existsSync(join(folder, 'out', 'latest'))).toBe(false);
    expect(hidden()).toEqual([]);
    expect((await basketwise(folder, 'run')).exitCode).toBe(0);
    expect(runs().length).toBe(1);
  });

  test.each(some([signals[0], signals[2]], 1))(
    'by %s in a command that ends at once leaves neither lock nor spilled files',
    async (signal, code) => {
      const stopped = await basketwiseUntil(folder, { at: 'extracting as of', signal }, 'profile');
      expect(stopped.exitCode).toBe(code);
      expect(hidden()).toEqual([]);
    },
  );

  test('before the command line is loaded ends with the code of the signal', async () => {
    // a module of the command line that is loaded last sends the signal to its own process
    const main = new URL('../../../packages/cli/dist/main.js', import.meta.url);
    const hook = `export const load = async (url, context, next) => {
      if (url === ${JSON.stringify(main.href)}) { process.kill(process.pid, 'SIGTERM'); await new Promise((end) => setTimeout(end, 200)); }
      return next(url, context);
    }`;
    const register = `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(register)}` };
    const { exitCode } = await startBasketwise(folder, ['runs'], { env }).ended;
    expect(exitCode).toBe(143);
  });
});

test('a second run beside a live one is refused with 73', async () => {
  await mkdir(join(folder, 'out'));
  const stat = readFileSync(`/proc/${process.pid}/stat`, 'latin1');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  await writeFile(join(folder, 'out', '.lock'), JSON.stringify({ pid: process.pid, host: hostname(), start }));
  const refused = await basketwise(folder, 'run');
  expect(refused.exitCode).toBe(73);
  expect(refused.stderr).toContain(`process ${process.pid}`);
});
