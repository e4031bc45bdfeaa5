import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobStages, parseConfig } from '@basketwise/pipeline';
import { beforeEach, expect, test } from 'vitest';
import { basketwise, basketwiseUntil, smallBank, testBank } from '../pipeline/small-bank.ts';

let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(smallBank()));
  await configure('file: logs/run.log');
});

const configure = (log: string) => writeFile(join(folder, 'basketwise.yaml'), `${smallBank().config}log: { ${log} }\n`);
const text = (name = 'run.log') => readFileSync(join(folder, 'logs', name), 'utf8');
const lines = (name?: string) =>
  text(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('has the stages and the end, for the owner alone, without ids', async () => {
  await basketwise(folder, 'run');
  const names = lines().flatMap(({ name, status }) => (status === 'done' ? [name] : []));
  expect(names).toEqual(jobStages(parseConfig(smallBank().config, 'basketwise.yaml').config));
  expect(names).toContain('train-deposit-upsell');
  expect(lines().at(-1)).toMatchObject({ msg: 'finished' });
  expect(statSync(join(folder, 'logs', 'run.log')).mode & 0o777).toBe(0o600);
  expect(text()).not.toMatch(/\b00[0-5]\d\b/);
});

test('is turned over at a size; so many old files stay, the newest first, and no line is lost or cut', async () => {
  await configure('file: logs/run.log, max_size: 1KB, keep: 2');
  await basketwise(folder, 'run');
  await basketwise(folder, 'run');
  expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['run.log', 'run.log.1', 'run.log.2']);
  const oldest = lines('run.log.2');
  const all = [...oldest, ...lines('run.log.1'), ...(text() === '' ? [] : lines())];
  expect(all.at(-1)).toMatchObject({ msg: 'finished' });
  expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).sort());
  for (const name of ['run.log.1', 'run.log.2']) {
    const { size, mode } = statSync(join(folder, 'logs', name));
    expect(size).toBeGreaterThanOrEqual(1024);
    expect(size).toBeLessThan(2048);
    expect(mode & 0o777).toBe(0o600);
  }
});

test('ends with the failure', async () => {
  await writeFile(join(folder, 'holdings.csv'), 'customer,product\n0001,적금\n');
  const { exitCode } = await basketwise(folder, 'run');
  expect(exitCode).toBe(65);
  expect(lines().at(-1)).toMatchObject({ msg: 'failed', exitCode, code: 'bad-data' });
});

test('ends with the signal that stopped the run', async () => {
  const { exitCode } = await basketwiseUntil(folder, { at: 'extract ...', signal: 'SIGTERM' }, 'run');
  expect(exitCode).toBe(143);
  expect(lines().at(-1)).toMatchObject({ msg: 'failed', exitCode, message: 'stopped by SIGTERM' });
});

test('that cannot be opened ends the run before it begins', async () => {
  await mkdir(join(folder, 'logs', 'run.log'), { recursive: true });
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect(exitCode).toBe(74);
  expect(stderr).toContain('logs/run.log');
  expect(existsSync(join(folder, 'out'))).toBe(false);
});
