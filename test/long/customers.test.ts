import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basketwise, type Outcome, unwrapped } from '../e2e/pipeline/small-bank.ts';
import { keepTalkOf } from '../privacy/talk.ts';

let folder: string;
let made: Outcome;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'customers-'));
  made = await basketwise(folder, 'sample', '--customers', '2000', '--out', folder);
  expect(made.exitCode).toBe(0);
});
afterAll(() => {
  keepTalkOf(folder);
  return rm(folder, { recursive: true });
});

const latest = (file: string) => join(folder, 'out', 'latest', file);

test('the sample says every warning once, in lines of at most 100 characters', () => {
  expect(Math.max(...made.stderr.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  const warnings = unwrapped(made.stderr).match(/^warning: .*$/gm)!;
  expect(warnings).toContainEqual(expect.stringMatching(/^warning: campaigns [\w-]+, [\w-]+(, [\w-]+)*: too few test customers/));
  const texts = warnings.map((warning) => warning.replace(/^warning: campaigns?[^:]*: /, ''));
  expect(new Set(texts).size).toBe(texts.length);
});

test('the sample leaves segments, clusters, their profiles and cost curves behind', () => {
  const clusters = JSON.parse(readFileSync(latest('clusters.json'), 'utf8'));
  expect(clusters.profiles.map((profile: { scheme: string; k: number }) => [profile.scheme, profile.k])).toEqual([
    ['deposit', 8],
    ['insurance', 7],
  ]);
  expect(clusters.choices.map((choice: { trials: unknown[] }) => choice.trials.length)).toEqual([11, 11]);
  // The balance is what their head missed in clusters of age and sex: it has to separate these in the profile.
  const [deposit] = clusters.profiles as [{ features: { column: string; explained: number }[]; warnings: string[] }];
  expect(deposit.features.find(({ column }) => column === 'M3_ABAL1')!.explained).toBeGreaterThan(0.5);
  expect(deposit.warnings).toEqual([]);
  expect(readFileSync(latest('clusters.txt'), 'utf8')).toMatch(/^M3_ABAL1 +\d+\.\d % eta2/m);
  expect(readFileSync(latest('segments.txt'), 'utf8')).toMatch(/100k - 1.6M +\d+/);
  expect(existsSync(latest('segments.parquet')) && existsSync(latest('clusters.parquet'))).toBe(true);
});

test('cluster elbow, fit, apply and profile work on the latest run', async () => {
  const elbow = await basketwise(folder, 'cluster', 'elbow', 'insurance', '--from', '2', '--to', '4', '--json');
  expect(JSON.parse(elbow.stdout).trials.map(({ k }: { k: number }) => k)).toEqual([2, 3, 4]);
  const profile = JSON.parse((await basketwise(folder, 'cluster', 'profile', 'deposit', '--json')).stdout);
  const fit = JSON.parse((await basketwise(folder, 'cluster', 'fit', 'deposit', '--json')).stdout);
  expect(fit.profile.sizes).toEqual(profile.sizes);
  const apply = await basketwise(folder, 'cluster', 'apply', 'deposit');
  expect(apply.stdout.match(/^cluster \d: .+ customers$/gm)).toHaveLength(8);
  expect((await basketwise(folder, 'cluster', 'apply', 'deposit', '--sql', 'customers')).stdout).toMatch(/^SELECT .* AS cluster/);
  expect((await basketwise(folder, 'cluster', 'fit', 'card')).exitCode).toBe(64);
});

test('segment counts the segments of the config', async () => {
  const { stdout } = await basketwise(folder, 'segment', '--json');
  const table = JSON.parse(stdout);
  expect(table.customers).toBe(2000);
  expect(table.crossTables).toMatchObject([{ name: 'deposit_map' }]);
});
