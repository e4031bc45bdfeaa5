import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { CampaignPlan } from '../campaigns/plan.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import { withDefaults } from '../config/schema-model.ts';
import { loadBankAt } from '../evaluation/bank-at.ts';
import { type CampaignSide, campaignSide } from '../evaluation/campaign-side.ts';
import { outcomes } from '../evaluation/case-outcomes.ts';
import { type EvaluateOptions, plansOf, referenceOf, withSnapshot } from '../evaluation/evaluate.ts';
import { type MetricName, metric, metricNames } from '../evaluation/metrics.ts';
import { type EvaluationWindow, evaluationWindows, innerWindow } from '../evaluation/windows.ts';
import { fitSpec } from '../models/fit-spec.ts';
import { specOfConfig } from '../models/spec-of-config.ts';
import { writeJson, writeWhole } from '../run/files.ts';
import { type TrialParameters, tuningGrid } from './grid.ts';
import { TrialsFile, type TuningTrial } from './trials-file.ts';
import { tuningFragment, tuningText } from './tuning-text.ts';

/** What tuning a campaign found. */
export interface CampaignTuning {
  campaign: string;
  /** Customers of the inner split. */
  tested: number;
  /** What the config's own model reaches there. */
  current: number;
  /** Best first; ties: the earlier of the grid. None where nobody can be tested. */
  trials: TuningTrial[];
}

/** Version of tune.json's shape. */
export const tuningVersion = 1;

/** What a tuning found. */
export interface TuningReport {
  version: number;
  /** The inner window: it ends where the training data of `evaluate` ends, so that its test window stays untouched. */
  window: EvaluationWindow;
  metric: string;
  campaigns: CampaignTuning[];
}

/** How to tune; `progress` hears of every finished trial, `fresh` of those that were not resumed. */
export interface TuneOptions extends EvaluateOptions {
  progress?: (done: number, of: number, fresh: number) => void;
}

/**
 * Tries the grid of the config on the inner split of the latest evaluation window, campaign by campaign, and writes tune.json, tune.md and
 * tune.yaml into the output folder. Finished trials are kept in tune-trials.json, so that a tuning that was stopped goes on where it was.
 * @throws AppError config for an empty grid or an unknown metric; bad-data where nobody at all can be tested
 */
export async function tune(settings: Settings, options: TuneOptions = {}): Promise<TuningReport> {
  const { config } = settings;
  const { window, gap } = config.evaluate;
  const grid = tuningGrid(config.tune);
  const scoreBy = metricOf(config.tune.metric);
  const plans = plansOf(settings, options.campaigns);
  const [outer] = evaluationWindows(referenceOf(settings, options.referenceDate), window, gap, 1);
  const test = innerWindow(outer!, window, gap);
  const bandWeights = config.recency.bands.map(({ weight }) => weight);
  const output = settingsPath(settings, config.output.dir);
  const report: TuningReport = { version: tuningVersion, window: test, metric: config.tune.metric, campaigns: [] };
  await withSnapshot(settings, outer!.at, options, async ({ pool, snapshot }) => {
    const { dataHash } = snapshot.manifest;
    const { campaigns, recency, model, tune: asked } = config;
    const kept = await TrialsFile.open(join(output, 'tune-trials.json'), {
      ...{ dataHash, test, campaigns, recency, model, metric: asked.metric },
    });
    const bank = await loadBankAt(pool, snapshot, config, plans, test);
    let [done, fresh] = [0, 0];
    for (const plan of plans) {
      const mark = pool.memory.mark();
      const side = await campaignSide(pool, bank, plan, bandWeights);
      const score = (parameters: TrialParameters) => scoreOf(side, plan, parameters, scoreBy);
      const tested = side.cases.cases.length;
      const trials: TuningTrial[] = [];
      for (const parameters of tested === 0 ? [] : grid) {
        options.signal?.throwIfAborted();
        let reached = kept.scoreOf(plan.name, parameters);
        if (reached === undefined) {
          reached = await score(parameters);
          await kept.add({ campaign: plan.name, parameters, score: reached });
          fresh++;
        }
        trials.push({ campaign: plan.name, parameters, score: reached });
        options.progress?.(++done, grid.length * plans.length, fresh);
      }
      const current = tested === 0 ? 0 : await score({});
      report.campaigns.push({ campaign: plan.name, tested, current, trials: trials.sort((a, b) => b.score - a.score) });
      pool.memory.release(mark);
    }
  });
  if (report.campaigns.every(({ tested }) => tested === 0)) refuseEmpty(test);
  await writeJson(join(output, 'tune.json'), report);
  await writeWhole(join(output, 'tune.md'), tuningText(report));
  await writeWhole(join(output, 'tune.yaml'), tuningFragment(report));
  return report;
}

type Score = (outcome: Parameters<typeof metric>[1]) => number;

/** @throws AppError config for a metric that there is not */
function metricOf(text: string): Score {
  const [name, length] = text.split('@') as [string, string];
  const known = metricNames.find((one) => one === name);
  if (known && Number(length) >= 1) return (outcome) => metric(known as MetricName, outcome, Number(length));
  const names = metricNames.filter((one) => !one.includes(' ')).map((one) => `${one}@5`);
  throw new AppError('config', `tune.metric: no metric ${text}`, `There are: ${names.join(', ')}.`);
}

async function scoreOf(side: CampaignSide, plan: CampaignPlan, parameters: TrialParameters, score: Score): Promise<number> {
  const model = await fitSpec(
    side.data,
    specOfConfig({ ...withDefaults(plan.model.kind === 'als' ? plan.model : {}), ...parameters }),
  );
  const values = outcomes(model, side.cases).map(score);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function refuseEmpty({ from, to }: EvaluationWindow): never {
  throw new AppError(
    'bad-data',
    `no customer of these campaigns acquired anything new after ${from} up to ${to}`,
    'Move the reference date to where the data ends, or use a longer evaluate.window.',
  );
}
