// `npm run claim -- default-cost [customers] [runs] [--bank FOLDER] [--parquet]`: cost of a run with the default model against `als`, 1 million
// customers and 3 runs by default; with CSV files, too, unless `--parquet`. The engine's own copy of what a run reads and publishes is a lower
// bound.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainedOn } from '@basketwise/data';
import { loadConfig, planCampaigns } from '@basketwise/pipeline';
import { scoreCampaign, withBaskets } from '@basketwise/recommend';
import { openFinishedRun } from '../../packages/insight/src/explain/finished-run.ts';
import { loadFitted } from '../../packages/pipeline/src/campaigns/saved-models.ts';
import { snapshotBank } from '../../packages/pipeline/src/campaigns/snapshot-bank.ts';
import { runContexts } from '../../packages/pipeline/src/features/snapshot-contexts.ts';
import { median } from '../peers/rounds.ts';
import { record } from '../records/record.ts';
import { fixed, grouped } from '../records/table-text.ts';
import { openBank } from '../scale/bank-folder.ts';
import { engineCopy } from '../scale/engine-copy.ts';
import type { EndedJob } from '../scale/job-process.ts';
import { runNight } from '../scale/night-cost.ts';
import { gibibytes } from '../scale/program.ts';

const most = 1.25;
const { values, positionals } = parseArgs({
  options: { bank: { type: 'string' }, parquet: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [customers = 1_000_000, times = 3] = positionals.map(Number);
const models = ['als', 'automatic'] as const;

/** A night with each model, one after the other. */
type Nights = Record<(typeof models)[number], EndedJob>;

/** Processor time of each stage: what had been taken when it said that it was done, less what had when the one before did. */
function byStage({ said, processor }: EndedJob): Map<string, number> {
  const found = new Map<string, number>();
  let before = 0;
  for (const { text, processor: taken } of said) {
    const stage = /^([\w-]+): done in/.exec(text)?.[1];
    if (stage === undefined) continue;
    const name = stage.startsWith('train-') ? 'train' : stage;
    found.set(name, (found.get(name) ?? 0) + taken - before);
    before = taken;
  }
  return found.set('rest', processor - before);
}

/** Processor time of making the lists of a finished run's campaigns without clusters, with their reasons and without. */
async function costOfReasons(config: string): Promise<{ withReasons: number; without: number }> {
  const run = await openFinishedRun(await loadConfig(config), undefined);
  try {
    const { pool, snapshot, config: own, referenceDate } = run;
    const source = snapshotBank({ pool, snapshot, config: own, date: referenceDate });
    const bank = await source.now(planCampaigns(own)[0]!, async (now) => now);
    const contexts = (await (await runContexts(run.folder, snapshot, own))?.at(referenceDate)) ?? undefined;
    const cost = { withReasons: 0, without: 0 };
    for (const plan of planCampaigns(own).filter(({ scheme }) => scheme === null)) {
      const { spec, fits } = run.trainings.find(({ campaign }) => campaign === plan.name)!;
      const all = await loadFitted(join(run.folder, fits[0]!.file), trainedOn(snapshot.manifest));
      const models = { kind: spec.kind, byCluster: new Map(), all };
      await withBaskets(pool, { ...bank, contexts }, plan, async (table) => {
        for (const reasons of [false, true, true, false]) {
          const begin = process.cpuUsage();
          await scoreCampaign({ pool, topN: own.top_n, fallback: own.fallback, rules: own.rules, reasons }, bank, table, models);
          const { user, system } = process.cpuUsage(begin);
          cost[reasons ? 'withReasons' : 'without'] += (user + system) / 2e6;
        }
      });
    }
    return cost;
  } finally {
    await run.close();
  }
}

/** Runs a night from the beginning. */
async function night(model: (typeof models)[number], run: number): Promise<EndedJob> {
  for (const left of [`out-${model}`, `models-${model}`]) rmSync(join(folder, left), { recursive: true, force: true });
  const job = await runNight(model, bank.folder, folder, values.parquet ? ['parquet'] : undefined);
  const { processor, seconds, peakBytes } = job;
  const cost = `${processor.toFixed(1)} s of processor time, ${seconds.toFixed(1)} s by the clock, peak memory ${gibibytes(peakBytes)}`;
  console.log(`run ${run} with ${model}: ${cost} (load ${loadavg()[0]!.toFixed(1)})`);
  return job;
}

/** Medians of the stages of some nights. */
function stagesOf(nights: readonly Map<string, number>[]): Map<string, number> {
  return new Map([...nights[0]!.keys()].map((name) => [name, median(nights.map((stages) => stages.get(name) ?? 0))]));
}

const bank = await openBank({ customers, products: 430, named: values.bank });
const folder = mkdtempSync(join(tmpdir(), 'basketwise-cost-'));
try {
  const nights: Nights[] = [];
  const medianOf = (value: (nights: Nights) => number) => median(nights.map(value));
  for (let run = 1; run <= times; run++) nights.push({ als: await night('als', run), automatic: await night('automatic', run) });
  const stages = models.map((model) => stagesOf(nights.map(({ [model]: job }) => byStage(job))));
  const names = [...new Set(stages.toReversed().flatMap((one) => [...one.keys()]))];
  const rowOf = (name: string, value: (model: (typeof models)[number], i: number) => number | undefined) => [
    name,
    ...models.map((model, i) => (value(model, i) === undefined ? '' : fixed(value(model, i)!, 1))),
  ];
  const reasons = [await costOfReasons(join(folder, 'als.yaml')), await costOfReasons(join(folder, 'automatic.yaml'))];
  const copy = await engineCopy(bank.folder, join(folder, 'out-automatic/latest/recommendations.parquet'), {
    folder,
    memory: '2GB',
  });
  const ratios = nights.map(({ als, automatic }) => automatic.processor / als.processor);
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  record({
    title: 'The default model against als',
    about:
      "The sample's six campaigns with clusters, 430 products, probability and reason in every row. Runs with the two models take turns; figures are medians, the ratio that of pairs of runs. Choosing looks " +
      'at 24 windows, four a campaign, of a sample of 100,000 customers.',
    tables: [
      {
        caption: `${grouped(customers)} customers, ${times} runs each, ${values.parquet ? 'Parquet' : 'Parquet and CSV'}: seconds of processor time by stage`,
        columns: ['what', 'als', 'default'],
        rows: [
          ...names.map((name) => rowOf(name, (_, i) => stages[i]!.get(name))),
          rowOf('whole run', (model) => medianOf(({ [model]: job }) => job.processor)),
          rowOf('whole run, by the clock', (model) => medianOf(({ [model]: job }) => job.seconds)),
          rowOf('peak memory, MiB', (model) =>
            Math.round(Math.max(...nights.map(({ [model]: job }) => job.peakBytes)) / 2 ** 20),
          ),
          rowOf('lists of campaigns without clusters', (_, i) => reasons[i]!.without),
          rowOf('the same with reasons', (_, i) => reasons[i]!.withReasons),
        ],
      },
    ],
    checks: [{ text: `${ratio.toFixed(2)} times the processor time of als (${range}), at most ${most}`, holds: ratio <= most }],
    notes: [
      `The engine's own copy of the bytes that the run with the default model reads and publishes takes ${copy.all.toFixed(1)} s by the clock, ${copy.rows.toFixed(1)} of them for the rows.`,
    ],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
  bank.remove();
}
