import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@basketwise/pipeline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { planCampaigns } from '../../../packages/pipeline/src/config/campaign-plan.ts';
import { calibrationScope } from '../../../packages/pipeline/src/evaluation/calibration-scope.ts';
import { runCalibrations } from '../../../packages/pipeline/src/stages/probability.ts';
import type { Workshop } from '../../../packages/pipeline/src/stages/workshop.ts';

const config = `tables:
  customers: { from: c.csv, id: id }
  products: { from: p.csv, code: code, name: name, class: class }
  holdings: { from: h.csv, customer: customer, product: product, date: opened }
campaigns:
  deposit: { kind: upsell, class: deposit }
evaluate: { window: 1 month }
calibrate: true
top_n: 5
workers: 2
`;
const spec = { kind: 'ease', regularization: 1, constant: 1, context: 0 } as const;
const curve = { method: 'isotonic', scores: [0.1, 0.9], probabilities: [0, 0.5] };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'basketwise-calibration-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const settingsOf = (text: string) => ({
  file: join(folder, 'basketwise.yaml'),
  ...parseConfig(`${text}output: { dir: . }\n`, 'x'),
});

/** The curve that a run with one config takes, after an evaluation with another, of a model with the same parameters. */
async function used(evaluated: string, ran: string): Promise<unknown> {
  const { config: then } = settingsOf(evaluated);
  const calibration = { spec, scope: calibrationScope(then, planCampaigns(then)[0]!), calibration: curve };
  await writeFile(join(folder, 'evaluation.json'), JSON.stringify({ campaigns: [{ campaign: 'deposit', calibration }] }));
  const workshop = { settings: settingsOf(ran), warn: vi.fn() } as unknown as Workshop;
  return (await runCalibrations(workshop, [{ campaign: 'deposit', spec }], []))[0]!.calibration?.calibration;
}

test.each([
  ['the plan', 'kind: upsell, class', 'kind: cross, columns: [deposit, fund], class'],
  ['columns', 'class: deposit }', 'class: deposit, columns: [deposit, fund] }'],
  ['training', 'class: deposit }', 'class: deposit, train: all }'],
  ['recency', 'calibrate: true', 'calibrate: true\nrecency: { bands: [{ within: 1 year, weight: 1 }, { weight: 0.1 }] }'],
  ['groups of products', 'class: class }', 'class: class, group: family }'],
  ['holdings that count', 'date: opened }', 'date: opened, where: "amount > 0" }'],
  ['length of the lists', 'top_n: 5', 'top_n: 9'],
  ['the window', 'window: 1 month', 'window: 1 year'],
])('a calibration is not of a model with other %s', async (_, from, to) => {
  expect(await used(config, config.replace(from, to))).toBeUndefined();
  expect(await used(config.replace(from, to), config.replace(from, to))).toEqual(curve);
});

test('and is of one that differs in what no score depends on', async () => {
  expect(await used(config, config.replace('workers: 2', 'workers: 4\nguards: { max_row_drop: 0.5 }'))).toEqual(curve);
});

test('one that does not say what it is of counts for nothing', async () => {
  const calibration = { spec, calibration: curve };
  await writeFile(join(folder, 'evaluation.json'), JSON.stringify({ campaigns: [{ campaign: 'deposit', calibration }] }));
  const workshop = { settings: settingsOf(config), warn: vi.fn() } as unknown as Workshop;
  expect((await runCalibrations(workshop, [{ campaign: 'deposit', spec }], []))[0]!.calibration).toBeNull();
});
