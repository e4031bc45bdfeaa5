import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import type { EvaluationFile } from '@basketwise/insight';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { basketwise, type SmallBank, smallBank, testBank } from './small-bank.ts';

interface Evaluation {
  windows: { at: string; from: string; to: string }[];
  campaigns: {
    campaign: string;
    tested: number;
    models: { name: string; metrics: Record<string, number>; interval: unknown }[];
  }[];
}

const withEvaluation = (bank: SmallBank, evaluation: string): SmallBank => {
  return { ...bank, config: `${bank.config}evaluate: { ${evaluation} }\n` };
};

test('evaluate trains on the past, tests on what was acquired since, and says where there is too little for an interval', async () => {
  const { folder } = await testBank(withEvaluation(smallBank(200), 'bootstrap: 0'));
  const outcome = await basketwise(folder, 'evaluate', '--json');
  expect(outcome.stderr).not.toContain('internal error');
  expect(outcome.exitCode).toBe(0);
  const { windows, campaigns } = JSON.parse(outcome.stdout) as Evaluation;
  expect(windows).toEqual([{ at: '2022-06-30', from: '2022-07-31', to: '2022-08-31' }]);
  expect(campaigns.map(({ campaign }) => campaign)).toEqual(['deposit-upsell', 'insurance-cross']);
  for (const { tested, models } of campaigns) {
    for (const { metrics, interval } of models) {
      expect(metrics['hit rate@10']).toBeLessThanOrEqual(1);
      if (tested < 20) expect(interval).toBeNull();
    }
  }
  expect(JSON.parse(readFileSync(join(folder, 'out', 'evaluation.json'), 'utf8'))).toMatchObject({ windows });
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['evaluation.json', 'evaluation.md']);
  const again = await basketwise(folder, 'evaluate', '--json');
  expect(again.stdout).toBe(outcome.stdout);
  // Holdings up to `:date` have the purchases of the windows, whose reference dates are earlier.
  const config = join(folder, 'basketwise.yaml');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace('date: opened }', 'date: opened, where: "CAST(opened AS DATE) <= :date" }'),
  );
  expect((await basketwise(folder, 'evaluate', '--json')).stdout).toBe(outcome.stdout);
});

test('of fewer than ten test customers no figure of a model is published', async () => {
  const { folder } = await testBank(withEvaluation(smallBank(60), 'bootstrap: 0'));
  const { stdout, exitCode } = await basketwise(folder, 'evaluate', '--json');
  const { pooled, campaigns } = JSON.parse(stdout) as EvaluationFile;
  expect([exitCode, campaigns.map(({ tested, models }) => [tested, models])]).toEqual([
    0,
    [
      [null, []],
      [null, []],
    ],
  ]);
  expect(pooled).toEqual([]);
  expect(readFileSync(join(folder, 'out', 'evaluation.md'), 'utf8')).not.toMatch(/ndcg/i);
});

test('models are compared by class, cluster, segment and history, and clusters by columns of today give no verdict', async () => {
  const bank = smallBank(3000);
  const config = bank.config
    .replace('deposit-upsell: { kind: upsell,', 'deposit-upsell: { kind: upsell, by_cluster: life,')
    .concat('clusters:\n  life: { method: kmeans, k: 3, seed: 0, numeric: [age] }\n')
    .concat('segments:\n  years: { column: age, bands: [ { label: young, to: 40 }, { label: old, from: 40 } ] }\n')
    .concat('evaluate: { window: 2 months, gap: 1 month, bootstrap: 200 }\n');
  const { folder } = await testBank({ ...bank, config });
  const { stdout, stderr, exitCode } = await basketwise(folder, 'evaluate', '--json');
  expect([exitCode, exitCode ? stderr : '']).toEqual([0, '']);
  const { pooled, campaigns } = JSON.parse(stdout) as EvaluationFile;
  expect(pooled.map((pool) => [pool.class, pool.campaigns])).toEqual([
    [null, ['deposit-upsell', 'insurance-cross']],
    ['deposit', ['deposit-upsell']],
    ['insurance', ['insurance-cross']],
  ]);
  const [upsell, cross] = campaigns;
  expect(pooled[1]!.models[0]!.metrics).toEqual(upsell!.models[0]!.metrics);
  for (const { tested, breakdowns } of campaigns) {
    const by = new Map(breakdowns.map((breakdown) => [breakdown.by, breakdown]));
    expect([...by.keys()]).toEqual(['history', 'products held', 'cluster life', 'segment years']);
    for (const { groups, small } of breakdowns) {
      for (const { customers } of groups) expect(customers).toBeGreaterThanOrEqual(10);
      const grouped = groups.reduce((sum, { customers }) => sum + customers, 0);
      if (small === 0) expect(Math.abs(grouped - tested!)).toBeLessThanOrEqual(10 * groups.length);
    }
    expect(required(by, 'cluster life').groups.map(({ label }) => label)).toEqual(['0', '1', '2']);
    expect(required(by, 'segment years').groups.map(({ label }) => label)).toEqual(['old', 'young']);
  }
  const note = "clusters of life come from today's customer columns";
  expect(cross!.notes.join('\n')).not.toContain(note);
  expect(upsell!.notes.join('\n')).toContain(note);
  const text = readFileSync(join(folder, 'out', 'evaluation.md'), 'utf8');
  expect(text).toContain(`- ${note}`);
  expect(text).toContain('| segment years | customers | model |');
  expect(text).toContain('## Class insurance');
  const short = await basketwise(folder, 'evaluate', '--campaign', 'deposit-upsell');
  expect(short.stdout).toContain('All measures, by products held, history, cluster and segment:');
  expect(short.stdout).not.toContain('| segment years |');
});

// before the data, after it, and where there are too few of them; the last one looks at windows back to before the data
const refusals = [
  [['--reference-date', '1999-12-31'], '', 65, 'no customer purchased a product after 1999-11-30'],
  [['--reference-date', '2031-12-31'], '', 65, 'no customer purchased a product after 2031-11-30 up to 2031-12-31'],
  [[], '', 65, 'deposit-upsell, insurance-cross: fewer than 20 customers purchased a recommendable product'],
  [['--reference-date', '2022-02-30'], '', 64, 'no such day'],
  [['--campaign', 'loans'], '', 64, 'no campaign is named loans'],
  [[], 'windowz: 2 months', 78, 'did you mean `window`'],
  [[], 'at: []', 78, 'expected at least one length'],
  [[], 'windows: 0', 78, 'evaluate.windows'],
  [[], 'window: 1 year, windows: 6', 65, 'no customer purchased a product'],
] as const;

test.each(some(refusals, refusals.length - 1))(
  'evaluate %j with %j ends with exit code %i',
  async (args, evaluation, code, message) => {
    const { folder } = await testBank(withEvaluation(smallBank(), evaluation));
    const { exitCode, stderr } = await basketwise(folder, 'evaluate', ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
    expect(existsSync(join(folder, 'out', 'evaluation.json'))).toBe(false);
  },
);
