// Cost of the lists of an up-sell campaign by kind of model, over the products of the largest family of the generated bank. Parameters are the
// defaults of a config (BENCH_MODELS names some of the models, separated by commas).

import { createNodePool, type KernelPool, type ModelSpec } from '@basketwise/core';
import {
  type BankAt,
  type CampaignModels,
  type CampaignPlan,
  type CampaignTable,
  loadBankAt,
  scoreCampaign,
  trainCampaign,
  withBaskets,
} from '@basketwise/recommend';
import { specOfConfig } from '../../packages/pipeline/src/config/campaign-plan.ts';
import { type GivenModel, withDefaults } from '../../packages/pipeline/src/config/schema-model.ts';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { customers, measure, reportRatios } from './measure.ts';
import { postalDate, postalRecords, postalSettings } from './postal-records.ts';

/** Models by name, as a config has them. */
const named: Readonly<Record<string, GivenModel>> = {
  als: { kind: 'als', iterations: 3 },
  ease: { kind: 'ease' },
  popularity: { kind: 'popularity' },
  'popularity by recency': { kind: 'popularity', of: 'upsell', by: 'recency' },
  rules: { kind: 'rules' },
  bpr: { kind: 'bpr', iterations: 1 },
  'lookup over ease': { kind: 'lookup' },
  'lookup over popularity': { kind: 'lookup', base: { kind: 'popularity' } },
  'lookup over als': { kind: 'lookup', base: { kind: 'als', iterations: 3 } },
  'lookup-next': { kind: 'lookup-next' },
  'blend of ease + lookup-next + popularity': {
    kind: 'blend',
    members: [
      { kind: 'ease', weight: 1 },
      { kind: 'lookup-next', weight: 1 },
      { kind: 'popularity', weight: 0.5 },
    ],
  },
  'blend of als + lookup + rules': {
    kind: 'blend',
    members: [
      { kind: 'als', iterations: 3, weight: 1 },
      { kind: 'lookup', weight: 1 },
      { kind: 'rules', weight: 0.5 },
    ],
  },
  'next-purchase': {
    kind: 'next-purchase',
    members: [
      { kind: 'popularity', weight: 0.4 },
      { kind: 'popularity', of: 'upsell', by: 'recency', weight: 0.7 },
      { kind: 'lookup-next', weight: 0.5 },
      { kind: 'lookup', base: { kind: 'popularity' }, weight: 0.3 },
      { kind: 'ease', weight: 2 },
      { kind: 'als', iterations: 3, weight: 3 },
    ],
  },
};
const asked = process.env.BENCH_MODELS?.split(',');

const plan: CampaignPlan = {
  ...{ name: 'upsell', kind: 'upsell', class: 'family 0', columns: ['family 0', 'family 1', 'family 2'] },
  ...{ scheme: null, pooling: 'partial', train: 'all', model: { kind: 'als' }, spec: null, rules: [] },
};

async function train(pool: KernelPool, bank: BankAt, table: CampaignTable, spec: ModelSpec): Promise<CampaignModels> {
  const bandWeights = postalSettings.recency.bands.map(({ weight }) => weight);
  const { models } = await trainCampaign({ pool, bandWeights }, bank, table, { spec, trained: null });
  return models;
}

const score = (bank: BankAt, table: CampaignTable, models: CampaignModels) =>
  scoreCampaign({ pool, topN: 5, fallback: undefined, rules: [] }, bank, table, models);

/** Milliseconds of processor time, of all threads, that something takes: other work on the machine does not count. */
async function processorTime(run: () => Promise<unknown>): Promise<number> {
  const begin = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

const pool = await createNodePool(1);
const bank = await loadBankAt(pool, postalRecords(customers), postalSettings, [plan], {
  at: postalDate,
  from: postalDate,
  to: postalDate,
});
await withBaskets(pool, bank, plan, async (table) => {
  const chosen = Object.entries(named).filter(([name]) => name === 'als' || asked === undefined || asked.includes(name));
  const target = table.groups.filter((group) => group.target).reduce((sum, { range }) => sum + range.to - range.from, 0);
  const measured = [];
  for (const [name, model] of chosen) {
    const models = await train(pool, bank, table, specOfConfig(withDefaults(model)));
    measured.push({ name, units: target, run: () => processorTime(() => score(bank, table, models)) });
  }
  const [als, ...others] = await measure(`Lists of ${target} distinct baskets`, 'basket', measured, 9);
  reportRatios(Object.fromEntries(others.map((ns, i) => [`${chosen[i + 1]![0]} against als, lists`, [ns, als!]])));
  record({
    title: 'Lists by kind of model',
    about:
      'Five of 175 products in 431 columns with reasons, without probabilities, by the function that publishes them: processor time of all threads, medians of 9 turns, in each the least. A model that has other ' +
      'columns than the basket table is scored in TypeScript. A blend costs the sum of its components. A lookup over EASE scores all 431 columns in f64; ALS in a blend is summed in f64, alone in f32.',
    tables: [
      {
        caption: `${grouped(target)} distinct baskets of ${grouped(customers)} customers; \`als\` takes ${(als! / 1000).toFixed(2)} microseconds a basket`,
        columns: ['kind', 'times als'],
        rows: others.map((ns, i) => [chosen[i + 1]![0], fixed(ns / als!, 2)]),
      },
    ],
  });
});
await pool.close();
