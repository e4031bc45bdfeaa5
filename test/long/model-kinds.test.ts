import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basketwise, type Outcome, smallBank, writeBank } from '../e2e/pipeline/small-bank.ts';

/** One campaign per kind of model, over the same customers. */
const models: Readonly<Record<string, string>> = {
  als: '{ factors: 4, regularization: 1 }',
  'als-svd': '{ factors: 3, regularization: 1, start: svd, tolerance: 0.001 }',
  bpr: '{ kind: bpr, factors: 4, iterations: 3 }',
  ease: '{ kind: ease, regularization: 10 }',
  'item-knn': '{ kind: item-knn, similarity: cosine, neighbours: 5 }',
  lift: '{ kind: lift, prior: 2 }',
  popularity: '{ kind: popularity, of: recent }',
  rules: '{ kind: rules, min_support: 0.02, longest: 3 }',
  lookup: '{ kind: lookup, prior: 3, base: { kind: ease, regularization: 10 } }',
  'lookup-next': '{ kind: lookup-next, prior: 3 }',
  blend: '{ kind: blend, members: [{ kind: ease, regularization: 10, weight: 2 }, { kind: lookup-next, weight: 0.5 }] }',
  automatic: '{ kind: automatic, sample: 300 }',
};

const campaigns = Object.entries(models).map(([name, model]) => `  ${name}: { kind: upsell, class: deposit, model: ${model} }`);
let folder: string;
let remove: () => Promise<void>;
let run: Outcome;

interface Manifest {
  trainings: { campaign: string; spec: { kind: string } }[];
  choices: { campaign: string; customers: number; tested: number; trials: { name: string; score: number }[] }[];
  campaigns: { campaign: string; sources: Record<string, number> }[];
}

interface Explained {
  campaign: string;
  recommendations: {
    score: number;
    reasons: { baseline: number; contributions: { value: number }[]; exact: number | null } | null;
  }[];
}

beforeAll(async () => {
  const bank = smallBank(600);
  const config = bank.config
    .replace(/campaigns:\n(?: {2}.*\n)+/, `campaigns:\n${campaigns.join('\n')}\n`)
    .replace(/^model: .*\n/m, 'evaluate: { window: 1 year, gap: 1 month }\n');
  ({ folder, remove } = await writeBank({ ...bank, config }));
  run = await basketwise(folder, 'run');
});
afterAll(() => remove());

test('the nightly job trains, saves and serves every kind of model, and names it as the source', async () => {
  expect([run.exitCode, run.exitCode === 0 ? '' : run.stderr]).toEqual([0, '']);
  const { campaigns, trainings, choices } = JSON.parse(
    await readFile(join(folder, 'out/latest/manifest.json'), 'utf8'),
  ) as Manifest;
  for (const [i, { campaign, sources }] of campaigns.entries()) {
    const { spec } = trainings[i]!;
    const isAutomatic = campaign === 'automatic';
    expect(isAutomatic || campaign.startsWith(spec.kind)).toBe(true);
    expect(Object.keys(sources)[0], campaign).toBe(spec.kind);
    expect(sources[spec.kind], campaign).toBeGreaterThan(0);
  }
  // A sample of about 300 of the 600 customers was looked at, and what it showed is kept.
  expect(choices).toHaveLength(1);
  expect(choices[0]!.customers).toBeGreaterThan(200);
  expect(choices[0]!.customers).toBeLessThan(400);
  expect(choices[0]!.tested).toBeGreaterThanOrEqual(20);
  expect(choices[0]!.trials.map(({ name }) => name)).toContain('lookup-next');
});

test('explains by held products that sum to the score where the kind has them, and says plainly where it has not', async () => {
  const lines = (await readFile(join(folder, 'out', 'latest', 'recommendations.csv'), 'utf8')).split('\n');
  const id = lines.find((line) => line.includes(',lookup-next,'))!.split(',')[0]!;
  const { exitCode, stdout } = await basketwise(folder, 'explain', id, '--json');
  expect(exitCode).toBe(0);
  const explained: Explained[] = JSON.parse(stdout).campaigns;
  for (const campaign of ['als', 'blend']) {
    const { score, reasons } = explained.find((one) => one.campaign === campaign)!.recommendations[0]!;
    const sum = reasons!.contributions.reduce((total, { value }) => total + value, reasons!.baseline + (reasons!.exact ?? 0));
    expect(Math.abs(sum - score), campaign).toBeLessThan(1e-5 * Math.max(1, Math.abs(score)));
    expect(reasons!.contributions.length, campaign).toBeGreaterThan(0);
  }
  for (const campaign of ['lookup', 'lookup-next']) {
    expect(explained.find((one) => one.campaign === campaign)!.recommendations[0]!.reasons, campaign).toBeNull();
  }
  const text = (await basketwise(folder, 'explain', id)).stdout;
  expect(text.slice(text.indexOf('\nlookup-next'))).toContain('gives no reasons');
});

test('every kind of model whose scores depend on holdings compares products, both ways alike', async () => {
  const compare = async (product: string, campaign: string) =>
    basketwise(folder, 'similar', product, '--campaign', campaign, '--json');
  for (const campaign of Object.keys(models)) {
    const { exitCode, stdout } = await compare('D4', campaign);
    const answer = JSON.parse(stdout);
    if (campaign === 'popularity') {
      expect(exitCode).toBe(78);
      expect(answer.error.message).toBe('campaign popularity has a model of kind popularity, whose scores do not depend on D4');
      expect(answer.error.hint).toContain('another kind than popularity');
      continue;
    }
    expect([campaign, exitCode]).toEqual([campaign, 0]);
    expect(answer.similar.length, campaign).toBeGreaterThan(0);
    const [first] = answer.similar;
    expect(Math.abs(first.similarity)).toBeLessThanOrEqual(1 + 1e-9);
    const back = JSON.parse((await compare(first.code, campaign)).stdout).similar.find(
      ({ code }: { code: string }) => code === 'D4',
    );
    if (!['als', 'als-svd', 'item-knn'].includes(campaign)) expect(back.similarity).toBeCloseTo(first.similarity, 12);
  }
});
