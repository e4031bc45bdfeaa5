// The inputs by which stages are skipped and taken, without a run: a stage whose inputs miss a key keeps old results.
import { type Config, parseConfig } from '@basketwise/pipeline';
import { expect, test } from 'vitest';
import { identifyRun } from '../../../packages/pipeline/src/run/identity.ts';
import { madeOfStages, stageNames } from '../../../packages/pipeline/src/stages/run-stages.ts';
import type { RunPlan } from '../../../packages/pipeline/src/stages/site.ts';
import { namesOfStage } from '../../../packages/pipeline/src/stages/stage.ts';
import { stages } from '../../../packages/pipeline/src/stages/stages.ts';

const text = `tables:
  customers: { from: c, id: id }
  products: { from: p, code: code, name: name, class: class }
  holdings: { from: h, customer: id, product: code, date: opened }
campaigns: { up: { kind: upsell, class: a } }
offers: { value: 10, capacity: { branch: { most: 10 } } }
`;
const { config, ...parsed } = parseConfig(text, 'basketwise.yaml');
const referenceDate = '2022-08-31';

/** Inputs of each stage that may be taken from another run, and the hash of the run. */
async function inputsOf(changed: Config) {
  const settings = { ...parsed, file: '/bank/basketwise.yaml', config: changed };
  const identity = await identifyRun(settings, referenceDate, { hash: 'tables' });
  const plan: RunPlan = { settings, identity, dates: [referenceDate], kept: [], inputs: null, previous: undefined };
  const madeOf = madeOfStages(stages, plan);
  const made = await Promise.all(stageNames(stages, changed).map(async (name) => [name, await madeOf(name)] as const));
  return { run: identity.hash, stages: new Map(made.filter(([, parts]) => parts !== null)) };
}

/** All stages that may be taken from another run. */
const reusable = stages.flatMap((stage) => (stage.madeOf ? namesOfStage(stage, config).map(({ name }) => name) : []));

/** Stages with other inputs, and whether it is another run. */
async function changedBy(change: object, from: object = {}) {
  const [before, after] = [await inputsOf({ ...config, ...from }), await inputsOf({ ...config, ...change })];
  const names = [...before.stages.keys()];
  expect(names).toEqual(reusable);
  const differ = (name: string) => JSON.stringify(before.stages.get(name)) !== JSON.stringify(after.stages.get(name));
  return { stages: names.filter(differ), isOther: before.run !== after.run };
}

const output = (more: object) => ({ output: { ...config.output, ...more } });

test('a key that stages do not know makes another run, and repeats them all', async () => {
  const { stages: repeated, isOther } = await changedBy({ later: 1 });
  expect(isOther).toBe(true);
  expect(repeated).toEqual(reusable);
  expect(repeated).toEqual(
    expect.arrayContaining(['extract', 'segment', 'cluster', 'choose', 'train-up', 'calibrate', 'publish', 'decide']),
  );
});

test('a key of `output` makes another run, and other lists, unless it is known to be a destination', async () => {
  const lists = ['publish', 'decide'];
  expect(await changedBy(output({ later: 1 }))).toEqual({ stages: lists, isOther: true });
  expect(await changedBy(output({ suppressed_customers: true }))).toEqual({ stages: lists, isOther: true });
  expect(await changedBy(output({ report: false }))).toEqual({ stages: ['cluster'], isOther: true });
});

test.each(['dir', 'keep', 'hive', 'spark', 'postgres', 'results', 'metrics', 'lineage'])(
  'output.%s changes no result',
  async (key) => {
    expect(await changedBy(output({ [key]: 'other' }), output({ [key]: 'one' }))).toEqual({ stages: [], isOther: false });
  },
);

test('another capacity repeats the decision alone', async () => {
  const offers = { ...config.offers, capacity: { branch: { most: 20 } } };
  expect(await changedBy({ offers })).toEqual({ stages: ['decide'], isOther: true });
});
