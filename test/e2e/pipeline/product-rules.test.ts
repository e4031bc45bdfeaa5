import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@basketwise/core';
import { expect, test } from 'vitest';
import { some } from '../../cases.ts';
import { basketwise, smallBank, testBank } from './small-bank.ts';

const bank = smallBank(150);
/** D2 has ended, and is one product with D3. */
const rule = '  - { reason: TOO_OLD, products: [I2, D2], require: "age < 60" }\n';
const withRule = (config: string, text = rule) => config.replace('campaigns:\n', `${text}campaigns:\n`);

interface Row {
  code: string;
  probability: number;
}

/** Lists of a run, by campaign and customer. */
async function listsOf(config: string): Promise<{ folder: string; lists: ReadonlyMap<string, Row[]> }> {
  const { folder } = await testBank({ ...bank, config });
  const { exitCode, stderr } = await basketwise(folder, 'run');
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  const [head, ...rows] = readFileSync(join(folder, 'out', 'latest', 'recommendations.csv'), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  const names = head!.replace('\uFEFF', '').split(',');
  const lists = new Map<string, Row[]>();
  for (const row of rows) {
    const of = (name: string) => row.split(',')[names.indexOf(name)]!;
    const key = `${of('campaign')} ${of('customer').replaceAll('"', '')}`;
    lists.set(key, [...(lists.get(key) ?? []), { code: of('product_code'), probability: Number(of('probability')) }]);
  }
  return { folder, lists };
}

const ageOf = (id: string) => 20 + ((Number(id) * 7) % 60);

const configs: [string, string][] = [
  ['dated', bank.config],
  ['undated', bank.config.replace(', date: opened', ', date: null')],
];

test.each(some(configs, 1))(
  'a rule withholds its products, and those equal to them, from customers who fail it: %s holdings',
  async (_, config) => {
    const before = await listsOf(config);
    const { folder, lists } = await listsOf(withRule(config));
    let withheld = 0;
    for (const [key, rows] of before.lists) {
      const isOld = ageOf(key.split(' ')[1]!) >= 60;
      const wanted = rows.map(({ code }) => code).filter((code) => !isOld || !['I2', 'D3'].includes(code));
      withheld += rows.length - wanted.length;
      // Each campaign has at most three products, so that lists have room for all of them.
      const own = lists.get(key) ?? [];
      expect([key, own.map(({ code }) => code)]).toEqual([key, wanted]);
      expect(own.every(({ probability }) => probability >= 0 && probability <= 1)).toBe(true);
    }
    expect(withheld).toBeGreaterThan(20);
    expect([...lists.keys()].every((key) => before.lists.has(key))).toBe(true);
    const old = [...lists.keys()].find((key) => key.startsWith('insurance') && ageOf(key.split(' ')[1]!) >= 60)!;
    const { stdout } = await basketwise(folder, 'explain', old.split(' ')[1]!);
    expect(stdout).toMatch(/TOO_OLD \(I2, D2\): age < 60 is not true/);
    expect(stdout).toMatch(/insurance-cross: recommended[\s\S]*by TOO_OLD: 1 products: 연금보험/);
  },
);

interface EvaluatedCampaign {
  campaign: string;
  tested: number;
  models: { name: string; metrics: Record<string, number> }[];
}

/** Results of `evaluate`, by campaign. Counts of tested customers are rounded to tens. */
async function evaluationOf(config: string): Promise<ReadonlyMap<string, EvaluatedCampaign>> {
  const { folder } = await testBank({ ...smallBank(400), config });
  const { exitCode, stderr } = await basketwise(folder, 'evaluate');
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  const { campaigns } = JSON.parse(readFileSync(join(folder, 'out', 'evaluation.json'), 'utf8'));
  return new Map(campaigns.map((one: EvaluatedCampaign) => [one.campaign, one]));
}

test.each(some(configs, 1))('the purchase of a withheld product is no miss of an evaluation: %s holdings', async (_, config) => {
  const evaluated = `${config}evaluate: { at: [3], bootstrap: 0, window: 24 months }\n`;
  const before = await evaluationOf(evaluated);
  const after = await evaluationOf(withRule(evaluated));
  let fewer = 0;
  for (const [name, { tested, models }] of after) {
    fewer += required(before, name).tested - tested;
    // Lists have room for all products of the campaign, so that they miss nothing that they may name.
    expect([name, ...models.map(({ metrics }) => metrics['recall@3'])]).toEqual([name, ...models.map(() => 1)]);
  }
  expect(fewer).toBeGreaterThan(0);
});

test.each([
  ['products: [I2, X9]', 'rules[1].products: no product has the code `X9`'],
  ['class: insurance, products: [I2, D1]', 'rules[1].products: `D1` is not of class `insurance`'],
])('a rule of unknown products is refused: %s', async (products, refusal) => {
  const { folder } = await testBank({
    ...bank,
    config: withRule(bank.config, rule.replace('products: [I2, D2]', products)),
  });
  for (const command of ['run', 'doctor']) {
    const { exitCode, stdout, stderr } = await basketwise(folder, command);
    expect([command, exitCode, stdout + stderr]).toEqual([command, 78, expect.stringContaining(refusal)]);
  }
});
