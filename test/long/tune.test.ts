import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TuningReport, tuningTrials } from '@basketwise/insight';
import { parseConfig } from '@basketwise/pipeline';
import { expect, onTestFinished, test } from 'vitest';
import { basketwise, basketwiseUntil, smallBank, testBank, writeBank } from '../e2e/pipeline/small-bank.ts';

const bankWith = (tune: string, customers = 2000) => {
  const bank = smallBank(customers);
  return { ...bank, config: `${bank.config}evaluate: { window: 2 months, gap: 1 month }\ntune: ${tune}\n` };
};
const grid = '{ parameters: { factors: [2, 4], regularization: [1, 10], alpha: [5, 40] } }';

test('a tuning that was stopped goes on where it was, and ends as an undisturbed one; the fragment is config', async () => {
  const [whole, stopped] = [await writeBank(bankWith(grid)), await writeBank(bankWith(grid))];
  onTestFinished(whole.remove);
  onTestFinished(stopped.remove);
  const undisturbed = await basketwise(whole.folder, 'tune', '--json');
  expect(undisturbed.stderr).toContain('tune: 16 of 16 trials');
  expect(undisturbed.exitCode).toBe(0);
  const report = JSON.parse(undisturbed.stdout) as TuningReport;
  expect(report.window).toEqual({ at: '2022-02-28', from: '2022-03-31', to: '2022-05-31' });
  for (const { tested, trials } of report.campaigns) {
    expect(tested).toBeGreaterThan(0);
    expect(trials.length).toBe(8);
    expect(trials.map(({ score }) => score)).toEqual(trials.map(({ score }) => score).sort((a, b) => b - a));
  }
  const first = await basketwiseUntil(stopped.folder, { at: 'tune: 3 of 16', signal: 'SIGINT' }, 'tune', '--json');
  expect(first.exitCode).toBe(130);
  const second = await basketwise(stopped.folder, 'tune', '--json');
  expect(second.stderr).not.toContain('tune: 3 of 16');
  expect(second.stdout).toBe(undisturbed.stdout);
  const fragment = readFileSync(join(whole.folder, 'out', 'tune.yaml'), 'utf8');
  for (const { evidence } of report.campaigns) expect(evidence!.tested).toBeGreaterThan(0);
  expect(fragment).toContain('#   minus popularity (');
  expect(fragment).toMatch(/^campaigns:\n {2}deposit-upsell:\n {4}model:\n {6}kind: als\n {6}factors: [24]\n/m);
  expect(fragment).toContain('best of 8 trials');
  expect(readFileSync(join(whole.folder, 'out', 'tune.md'), 'utf8')).toContain('| factors | regularization | alpha | ndcg@5 |');
  const page = readFileSync(join(whole.folder, 'out', 'tune.html'), 'utf8');
  expect(page).toContain('All 8 trials, best first');
  expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'`);
});

test('halving tries models of any kind: few of the trials see all customers, and one of those is chosen', async () => {
  const models = `[ { kind: ease, regularization: [1, 10, 100, 1000], constant: [0, 1] },
    { kind: lookup, prior: [3, 30], base: { kind: popularity, of: [holders, upsell] } } ]`;
  const bank = smallBank(8000);
  const config = `${bank.config}evaluate: { window: 2 months, gap: 1 month }\ntune: { search: halving, models: ${models} }\n`;
  const { folder } = await testBank({ ...bank, config });
  const { stdout, stderr, exitCode } = await basketwise(folder, 'tune', '--campaign', 'deposit-upsell', '--json');
  expect(stderr).toMatch(/tune: \d+ trials in .* a minute/);
  expect(exitCode).toBe(0);
  const [campaign] = (JSON.parse(stdout) as TuningReport).campaigns;
  const trials = campaign!.trials;
  expect(campaign!.tested).toBeGreaterThan(300);
  expect(trials.length).toBe(12);
  const whole = trials.filter(({ share }) => share === 1);
  expect(whole.length).toBeLessThanOrEqual(4);
  expect(trials.slice(0, whole.length)).toEqual(whole);
  const { low, mean, high, level } = campaign!.evidence!.minusPopularity!;
  expect([low < mean && mean < high, level]).toEqual([true, low <= 0 && high >= 0]);
  expect(readFileSync(join(folder, 'out', 'tune.yaml'), 'utf8')).toContain(`kind: ${trials[0]!.parameters.kind}\n`);
});

test.each([
  ['{ models: [] }', 78, 'expected at least one model'],
  ['{ models: [ { kind: ease, factors: [2] } ] }', 78, '`ease` has no such parameter'],
  ['{ models: [ { kind: ease, regularisation: [2] } ] }', 78, 'did you mean `regularization`'],
  ['{ models: [ { kind: ease, regularization: [] } ] }', 78, 'expected at least one value'],
  ['{ models: [ { regularization: [1] } ] }', 78, 'kind: expected `als` or'],
  ['{ models: [ { kind: lookup, base: { kind: item-knn, neighbours: [0] } } ] }', 78, 'expected at least 1'],
  ['{ parameters: { factor: [2] } }', 78, 'did you mean `factors`'],
  ['{ parameters: { factors: [] } }', 78, 'expected at least one value'],
  ['{ parameters: {} }', 78, 'names no parameter'],
  ['{ metric: auc@5 }', 78, 'no metric auc@5'],
] as const)('tune %s ends with exit code %i', async (tune, code, message) => {
  const { folder } = await testBank(bankWith(tune, 20));
  const { exitCode, stderr } = await basketwise(folder, 'tune');
  expect(stderr).toContain(message);
  expect(exitCode).toBe(code);
});

test.each([
  ['2031-12-31', 'fewer than 20 customers purchased a recommendable product after 2031-07-31'],
  ['1999-12-31', 'deposit-upsell, insurance-cross: fewer than 20'],
  ['2022-08-31', 'too few for an interval'],
] as const)('tune on windows that end on %s, of too few customers, ends with exit code 65', async (date, message) => {
  const { folder } = await testBank(bankWith(grid, 60));
  const { exitCode, stderr } = await basketwise(folder, 'tune', '--reference-date', date);
  expect(stderr).toContain(message);
  expect(exitCode).toBe(65);
  expect(existsSync(join(folder, 'out', 'tune.yaml'))).toBe(false);
});

const trialsOf = (tune: string) => tuningTrials(parseConfig(bankWith(tune).config, 'test').config.tune);

test('a random search draws from the grid, by its seed', () => {
  const random = grid.replace('{', '{ search: random, trials: 3, seed: 1,');
  expect(trialsOf(grid).length).toBe(8);
  expect(trialsOf(random).length).toBe(3);
  expect(trialsOf(grid)).toEqual(expect.arrayContaining(trialsOf(random)));
  expect(trialsOf(random)).toEqual(trialsOf(random));
  expect(trialsOf(random.replace('seed: 1', 'seed: 5'))).not.toEqual(trialsOf(random));
});

test('lists turn in every part of a model', () => {
  const blend = `{ kind: blend, members: [ { kind: ease, regularization: [1, 2], weight: 1 }, { kind: rules, weight: [0.5, 2] } ] }`;
  const trials = trialsOf(
    `{ models: [ { kind: lookup, prior: [1, 5], base: { kind: ease, regularization: [1, 2] } }, ${blend} ] }`,
  );
  expect(trials.slice(0, 4)).toEqual(
    [1, 5].flatMap((prior) =>
      [1, 2].map((regularization) => ({ kind: 'lookup', prior, base: { kind: 'ease', regularization } })),
    ),
  );
  expect(trials.slice(4).map(({ members }) => members!.map((member) => [member.regularization, member.weight]))).toEqual([
    [
      [1, 1],
      [undefined, 0.5],
    ],
    [
      [1, 1],
      [undefined, 2],
    ],
    [
      [2, 1],
      [undefined, 0.5],
    ],
    [
      [2, 1],
      [undefined, 2],
    ],
  ]);
});
