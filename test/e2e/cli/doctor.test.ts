import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingFeatures } from '@basketwise/core';
import { checkCores, checkHugePages, checkWebAssembly, type Diagnosis, type DryRun, estimateNeed } from '@basketwise/insight';
import { parseConfig } from '@basketwise/pipeline';
import { sampleConfig } from '@basketwise/sample';
import { beforeEach, expect, test } from 'vitest';
import { basketwise, smallBank, testBank } from '../pipeline/small-bank.ts';
import { undatedBank } from '../pipeline/undated-bank.ts';

const bank = smallBank();
let folder: string;
beforeEach(async () => {
  ({ folder } = await testBank(bank));
});

const files = () => readdirSync(folder, { recursive: true }).sort();
const configured = (from: string, to: string) => writeFile(join(folder, 'basketwise.yaml'), bank.config.replace(from, to));
async function examined(): Promise<{ exitCode: number; failed: string[]; diagnosis: Diagnosis }> {
  const { exitCode, stdout } = await basketwise(folder, 'doctor', '--json');
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  const failed = diagnosis.checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
  expect(diagnosis.exitCode).toBe(exitCode);
  return { exitCode, failed, diagnosis };
}

test('a healthy place: every check, exit code 0, nothing written', async () => {
  const before = files();
  const { exitCode, stdout } = await basketwise(folder, 'doctor');
  expect(exitCode).toBe(0);
  for (const name of ['node', 'webassembly', 'cores', 'kernels', 'config', 'tables', 'shared memory', 'memory', 'output']) {
    expect(stdout).toMatch(new RegExp(`^(ok|warning) +${name} `, 'm'));
  }
  expect(stdout).toMatch(/60 customers, 8 products, \d+ holdings/);
  expect(files()).toEqual(before);
});

test.each([
  ['a missing column', 'date: opened', 'date: no_such_day', 65, 'tables'],
  ['bad SQL in a rule', "consent = 'Y'", 'consent = = 1', 78, 'tables'],
  ['a table that is not there', 'from: holdings.csv', 'from: nothing.csv', 66, 'tables'],
  ['an unknown key', 'top_n: 3', 'top_m: 3', 78, 'config'],
] as const)('%s fails its check with the exit code of a run, and the others go on', async (_, from, to, code, name) => {
  await configured(from, to);
  const { exitCode, failed, diagnosis } = await examined();
  expect(exitCode).toBe(code);
  expect(failed).toEqual([name]);
  expect(diagnosis.checks.find((check) => check.name === name)!.hint).not.toBe('');
  expect(diagnosis.checks.some((check) => check.name === 'kernels' && check.status === 'ok')).toBe(true);
});

test('an output folder that is a file cannot be written', async () => {
  await writeFile(join(folder, 'out'), '');
  const { exitCode, failed } = await examined();
  expect(failed).toEqual(['output']);
  expect(exitCode).toBe(74);
});

test('more threads than the quota grants are a warning; without SIMD no run can be', () => {
  expect(checkCores(4, 8, 2.5)).toMatchObject({ status: 'warning', text: '4 threads, 8 cores, quota of 2.5 cores' });
  expect(checkCores(4, 8, 2.5).hint).toContain('to 2:');
  expect(checkCores(2, 8, 2.5).status).toBe('ok');
  expect(checkWebAssembly(missingFeatures((module) => module.length > 31))).toMatchObject({
    ...{ status: 'failed', text: 'WebAssembly lacks SIMD', exitCode: 64 },
  });
});

test('huge pages at always are a warning, and a system without them has nothing to say', async () => {
  const file = join(folder, 'enabled');
  expect(await checkHugePages(file)).toEqual([]);
  await writeFile(file, 'always [madvise] never\n');
  expect(await checkHugePages(file)).toMatchObject([{ status: 'ok', text: 'transparent huge pages: madvise' }]);
  await writeFile(file, '[always] madvise never\n');
  const [check] = await checkHugePages(file);
  expect(check).toMatchObject({ name: 'huge pages', status: 'warning', exitCode: 0 });
  expect(check!.hint).toContain(`madvise to ${file}`);
});

test('no config: said, and the machine is looked at all the same', async () => {
  await rm(join(folder, 'basketwise.yaml'));
  const { exitCode, failed, diagnosis } = await examined();
  expect(exitCode).toBe(66);
  expect(failed).toEqual(['config']);
  expect(diagnosis.checks.length).toBeGreaterThan(3);
});

test('a dry run names the run and estimates memory and disk, and writes nothing; the run has that name', async () => {
  const before = files();
  const { exitCode, stdout } = await basketwise(folder, 'run', '--dry-run', '--json');
  expect(exitCode).toBe(0);
  expect(files()).toEqual(before);
  const plan = JSON.parse(stdout) as DryRun;
  expect(plan.rows).toMatchObject({ customers: 60, products: 8 });
  expect(plan.need.memory).toBeGreaterThan(plan.need.kernels);
  expect((await basketwise(folder, 'run', '--dry-run')).stdout).toContain('nothing was written');
  await basketwise(folder, 'run');
  expect(readdirSync(join(folder, 'out', 'runs'))).toEqual([plan.run]);
});

test('a dry run fails as the run would', async () => {
  await configured('product: product', 'product: produkt');
  const { exitCode, stderr } = await basketwise(folder, 'run', '--dry-run');
  expect(exitCode).toBe(65);
  expect(stderr).toContain('Did you mean product?');
});

test('the estimate grows with customers, holdings and features', () => {
  const { config } = parseConfig(bank.config, 'basketwise.yaml');
  const small = estimateNeed(config, { customers: 1000, products: 10, holdings: 3000 });
  const large = estimateNeed(config, { customers: 10_000_000, products: 430, holdings: 22_800_000 });
  for (const key of ['kernels', 'memory', 'disk'] as const) expect(large[key]).toBeGreaterThan(small[key]);
  expect(large.kernels).toBeGreaterThan(12 * 22_800_000);
});

/** Peaks of runs, MiB: by model, with CSV files. */
const measured = [
  { customers: 20_000, holdings: 46_994, recent: 3_063, als: 301, automatic: 399 },
  { customers: 200_000, holdings: 471_068, recent: 31_112, als: 549, automatic: 664 },
  { customers: 1_000_000, holdings: 2_356_611, recent: 155_600, als: 1077, automatic: 1215 },
] as const;

test.each(measured)('the estimate for $customers customers is 1 to 2 times the memory measured', ({ recent, ...bank }) => {
  const { customers, holdings } = bank;
  for (const model of ['als', 'automatic'] as const) {
    const text = sampleConfig({ model, path: './data' }).replace(/formats: .*?\]/, 'formats: [parquet, csv]');
    const { config } = parseConfig(text, 'basketwise.yaml');
    const { memory } = estimateNeed(config, { customers, holdings, products: 446 }, { recent, widestClass: 260 });
    expect(memory / 2 ** 20 / bank[model]).toBeGreaterThan(1);
    expect(memory / 2 ** 20 / bank[model]).toBeLessThan(2);
  }
});

test('the estimate of a wide catalogue is greater for learned models', () => {
  const rows = { customers: 20_000, products: 5000, holdings: 48_000 };
  const needOf = (model: string) =>
    estimateNeed(parseConfig(bank.config.replace(/^model: .*$/m, model), 'basketwise.yaml').config, rows);
  const [als, learned] = [needOf('model: { kind: als }'), needOf('')];
  // scores of choices twice, and five matrices of products for lists
  expect(learned.memory - als.memory).toBeGreaterThan(2 ** 30);
  expect(learned.memory - als.memory).toBeLessThan(2 ** 31);
  expect(learned.kernels).toBeGreaterThan(5 * 4 * rows.products ** 2);
});

test('the estimate counts the scores of all products behind probabilities without dates', () => {
  // without CSV files, whose writing could take more memory than the probabilities
  const config = undatedBank()
    .config.replace(/^model: .*$/m, 'model: { kind: als }')
    .replace('[csv]', '[parquet]');
  const rows = { customers: 400_000, products: 600, holdings: 1_200_000 };
  const needOf = (more: string) => estimateNeed(parseConfig(`${config}${more}`, 'basketwise.yaml').config, rows);
  const [next, none] = [needOf(''), needOf('calibrate: false\n')];
  // 64 MiB of scores twice, a sum for each customer, and 10,000 choices of 600 products with three terms
  expect(next.kernels - none.kernels).toBe(2 ** 26);
  expect(next.memory - none.memory).toBe(2 ** 27 + 8 * (400_000 + 16_000_000));
});
