// `npm run claim -- default-cost [customers] [--bank FOLDER] [--parquet]`: the whole night with the default model against that with `als`, in one run of the command on the same
// generated bank (1 million customers x 430 products, six campaigns): processor time stage by stage, the clock and peak memory of both, probabilities and reasons
// included, and what the reasons cost: the lists of the campaigns without clusters, made with and without them. At most 1.25 times the processor time of `als` is allowed. With CSV files, too, but for --parquet.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { required } from '@basketwise/core';
import { scoreCampaign, withBaskets } from '@basketwise/core/advice';
import { trainedOn } from '@basketwise/data';
import { loadConfig, planCampaigns } from '@basketwise/pipeline';
import { loadBank } from '../../packages/pipeline/src/campaigns/load-bank.ts';
import { loadFitted } from '../../packages/pipeline/src/campaigns/saved-models.ts';
import { openFinishedRun } from '../../packages/pipeline/src/explain/finished-run.ts';
import { runContexts } from '../../packages/pipeline/src/features/snapshot-contexts.ts';
import { openBank } from '../scale/bank-folder.ts';
import type { EndedJob } from '../scale/job-process.ts';
import { runNight } from '../scale/night-cost.ts';
import { gibibytes } from '../scale/program.ts';

const most = 1.25;
const { values, positionals } = parseArgs({
  options: { bank: { type: 'string' }, parquet: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [customers = 1_000_000] = positionals.map(Number);

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
async function costOfReasons(config: string): Promise<{ told: number; untold: number }> {
  const run = await openFinishedRun(await loadConfig(config), undefined);
  try {
    const { pool, snapshot, config: own, referenceDate } = run;
    const bank = await loadBank({ pool, snapshot, config: own, referenceDate }, new Map());
    const contexts = (await (await runContexts(run.folder, snapshot, own))?.at(referenceDate)) ?? undefined;
    const cost = { told: 0, untold: 0 };
    for (const plan of planCampaigns(own).filter(({ scheme }) => scheme === null)) {
      const { spec, fits } = run.trainings.find(({ campaign }) => campaign === plan.name)!;
      const all = await loadFitted(join(run.folder, fits[0]!.file), trainedOn(snapshot.manifest));
      const models = { kind: spec.kind, byCluster: new Map(), all };
      await withBaskets(pool, { ...bank, contexts }, plan, async (table) => {
        for (const reasons of [false, true, true, false]) {
          const begin = process.cpuUsage();
          await scoreCampaign({ pool, topN: own.top_n, fallback: own.fallback, rules: own.rules, reasons }, bank, table, models);
          const { user, system } = process.cpuUsage(begin);
          cost[reasons ? 'told' : 'untold'] += (user + system) / 2e6;
        }
      });
    }
    return cost;
  } finally {
    await run.close();
  }
}

const bank = await openBank({ customers, products: 430, named: values.bank });
const folder = mkdtempSync(join(tmpdir(), 'basketwise-cost-'));
try {
  const jobs = new Map<string, EndedJob>();
  for (const model of ['als', 'automatic'] as const) {
    const job = await runNight(model, bank.folder, folder, values.parquet ? 'parquet' : undefined);
    const clock = `${job.seconds.toFixed(1)} s by the clock, peak memory ${gibibytes(job.peakBytes)}`;
    console.log(`night with ${model}: ${job.processor.toFixed(1)} s of processor time, ${clock}`);
    jobs.set(model, job);
  }
  const [als, automatic] = [required(jobs, 'als'), required(jobs, 'automatic')];
  const stages = [byStage(als), byStage(automatic)];
  const names = new Set(stages.flatMap((one) => [...one.keys()]));
  const seconds = (value: number | undefined) => (value === undefined ? '' : value.toFixed(1));
  console.log('| stage | `als`, s of processor | default, s of processor |\n|---|---:|---:|');
  for (const name of names) console.log(`| ${name} | ${seconds(stages[0]!.get(name))} | ${seconds(stages[1]!.get(name))} |`);
  for (const model of ['als', 'automatic']) {
    const { told, untold } = await costOfReasons(join(folder, `${model}.yaml`));
    console.log(
      `lists of the campaigns without clusters with ${model}: ${untold.toFixed(1)} s, with reasons ${told.toFixed(1)} s (one thread)`,
    );
  }
  const ratio = automatic.processor / als.processor;
  const whole = `${automatic.processor.toFixed(1)} s of processor time against ${als.processor.toFixed(1)} s with als`;
  console.log(
    `${ratio <= most ? 'ok' : 'FAIL'}: ${whole}: ${ratio.toFixed(2)} times, at most ${most} (load ${loadavg()[0]!.toFixed(1)})`,
  );
  process.exitCode = ratio <= most ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  bank.remove();
}
