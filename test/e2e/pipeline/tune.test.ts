import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, type TuningReport } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { basketwise, basketwiseUntil, smallBank, writeBank } from './small-bank.ts';

const bankWith = (tune: string) => {
  const bank = smallBank(200);
  return { ...bank, config: `${bank.config}evaluate: { window: 2 months, gap: 1 month }\ntune: ${tune}\n` };
};
const grid = '{ parameters: { factors: [2, 4], regularization: [1, 10], alpha: [5, 40] } }';

test('a tuning that was stopped goes on where it was, and ends as an undisturbed one; the fragment is config', async () => {
  const [whole, stopped] = [await writeBank(bankWith(grid)), await writeBank(bankWith(grid))];
  try {
    const undisturbed = await basketwise(whole.folder, 'tune', '--json');
    expect(undisturbed.stderr).toContain('tune: 16 of 16 trials');
    expect(undisturbed.exitCode).toBe(0);
    const report = JSON.parse(undisturbed.stdout) as TuningReport;
    expect(report.window).toEqual({ at: '2022-02-28', from: '2022-03-30', to: '2022-05-30' });
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
    expect(fragment).toMatch(/^campaigns:\n {2}deposit-upsell:\n {4}model:\n {6}factors: [24]\n/m);
    expect(fragment).toContain('best of 8 trials');
    expect(readFileSync(join(whole.folder, 'out', 'tune.md'), 'utf8')).toContain('| factors | regularization | alpha | ndcg@5 |');
  } finally {
    await whole.remove();
    await stopped.remove();
  }
});

test.each([
  ['{ parameters: { factor: [2] } }', 78, 'did you mean `factors`'],
  ['{ parameters: { factors: [] } }', 78, 'expected at least one value'],
  ['{ parameters: {} }', 78, 'names no parameter'],
  ['{ metric: auc@5 }', 78, 'no metric auc@5'],
] as const)('tune %s ends with exit code %i', async (tune, code, message) => {
  const { folder, remove } = await writeBank(bankWith(tune));
  try {
    const { exitCode, stderr } = await basketwise(folder, 'tune');
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
  } finally {
    await remove();
  }
});

test('a random search draws from the grid, by its seed', async () => {
  const { tuningGrid } = await import('@basketwise/pipeline');
  const trials = (tune: string) => tuningGrid(parseConfig(bankWith(tune).config, 'test').config.tune);
  const random = grid.replace('{', '{ search: random, trials: 3, seed: 1,');
  expect(trials(grid).length).toBe(8);
  expect(trials(random).length).toBe(3);
  expect(trials(grid)).toEqual(expect.arrayContaining(trials(random)));
  expect(trials(random)).toEqual(trials(random));
  expect(trials(random.replace('seed: 1', 'seed: 5'))).not.toEqual(trials(random));
});
