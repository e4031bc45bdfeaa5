import { join } from 'node:path';
import { AppError, type EvaluationWindow, mean, nestedWindows, type PlainDate } from '@basketwise/core';
import { publishedCount, writeJson, writeWhole } from '@basketwise/data/base';
import {
  campaignModel,
  codeHash,
  needCampaigns,
  recordsOf,
  type Settings,
  settingsPath,
  type TuningNeeds,
  tuningVersion,
} from '@basketwise/pipeline';
import {
  bandWeightsOf,
  type CampaignPlan,
  type EvaluationSet,
  listTools,
  loadBankAt,
  type MetricName,
  makeEvaluationSet,
  metric,
  metricNames,
  minimumCustomers,
  withoutColumns,
} from '@basketwise/recommend';
import { type EvaluateOptions, plansOf, referenceOf } from '../evaluation/evaluate.ts';
import { refuseFew } from '../evaluation/refusals.ts';
import { type SnapshotAt, withSnapshotAt } from '../evaluation/snapshot-at.ts';
import { type Rung, rungsOf, specOfTrial, type TrialParameters, tuningTrials } from './search-space.ts';
import { TrialsFile } from './trials-file.ts';
import { type Score, type TuningSet, tuneCampaign, valuesOfCases } from './tune-campaign.ts';
import { evidenceFor, type TuningReport } from './tuning-report.ts';

import { tuningFragment, tuningPage, tuningText } from './tuning-text.ts';

/** Options of a tuning. `progress` is called after each trial; `fresh` is false if the trial came from the file. */
export interface TuneOptions extends EvaluateOptions {
  progress?: (done: number, of: number, fresh: number) => void;
}

/**
 * Tries the models of the config for each campaign, in the inner window. Tests the chosen models once, in the outer window, which
 * is later. Writes tune.json, tune.md, tune.html and tune.yaml to the output folder. Finished trials are saved in
 * tune-trials.json, so that a stopped tuning can continue.
 * @throws AppError config for an empty grid or an unknown metric; bad-data if each campaign has fewer than 20 test customers
 */
export async function tune(settings: Settings, options: TuneOptions = {}): Promise<TuningReport> {
  const { config } = settings;
  needCampaigns(config);
  // This check comes before any data is read, so that an empty grid is refused at once.
  tuningTrials(config.tune);
  metricOf(config.tune.metric);
  const { inner, outer, tableDate } = windowsOf(settings, options);
  const output = settingsPath(settings, config.output.dir);
  const report: TuningReport = {
    version: tuningVersion,
    window: inner,
    outer: outer!,
    metric: config.tune.metric,
    campaigns: [],
  };
  await withSnapshotAt(settings, outer.at, { ...options, tableDate }, async (source) => {
    await chooseParameters(settings, options, source, report);
    refuseFew(
      report.campaigns.map(({ campaign, tested }) => ({ campaign, customers: tested ?? 0 })),
      inner,
    );
    await test(settings, options, source, report);
  });
  await writeJson(join(output, 'tune.json'), report satisfies TuningNeeds);
  await writeWhole(join(output, 'tune.md'), tuningText(report));
  await writeWhole(join(output, 'tune.html'), tuningPage(report));
  await writeWhole(join(output, 'tune.yaml'), tuningFragment(report));
  return report;
}

/** Calls a function for each requested campaign, with its training data and test customers as of a window. */
async function forEachEvaluationSet(
  settings: Settings,
  { campaigns, signal }: TuneOptions,
  { pool, snapshot }: SnapshotAt,
  window: EvaluationWindow,
  visit: (plan: CampaignPlan, evaluationSet: TuningSet) => Promise<void>,
): Promise<void> {
  const { config } = settings;
  const plans = plansOf(settings, campaigns);
  const bandWeights = bandWeightsOf(config);
  const before = pool.memory.mark();
  const bank = await loadBankAt(pool, recordsOf(snapshot, config), config, plans, window);
  for (const plan of plans) {
    signal?.throwIfAborted();
    const mark = pool.memory.mark();
    const { cases, ...evaluationSet } = await makeEvaluationSet(pool, bank, withoutColumns(plan), bandWeights);
    const withHistory = { ...cases, cases: cases.cases.filter(({ hasHistory }) => hasHistory) };
    await visit(plan, {
      ...evaluationSet,
      cases: withHistory,
      bank,
      scoring: listTools(config, pool, [metricLength(config.tune.metric)]),
    });
    pool.memory.release(mark);
  }
  pool.memory.release(before);
}

/** Runs the trials in the inner window. */
async function chooseParameters(
  settings: Settings,
  options: TuneOptions,
  source: SnapshotAt,
  report: TuningReport,
): Promise<void> {
  const { campaigns, recency, model, tune: asked, output } = settings.config;
  const grid = tuningTrials(asked);
  const score = metricOf(asked.metric);
  const { dataHash } = source.snapshot.manifest;
  const kept = await TrialsFile.open(join(settingsPath(settings, output.dir), 'tune-trials.json'), {
    ...{ code: await codeHash(import.meta.url), dataHash, test: report.window, campaigns, recency, model, metric: asked.metric },
  });
  const rounds = (tested: number): Rung[] =>
    asked.search === 'halving' ? rungsOf(grid.length, tested, asked.reduction) : [{ trials: grid.length, share: 1 }];
  const trialsOf = (tested: number) =>
    tested < minimumCustomers ? 0 : rounds(tested).reduce((sum, { trials }) => sum + trials, 0);
  const atMost = trialsOf(Number.POSITIVE_INFINITY);
  let total = plansOf(settings, options.campaigns).length * atMost;
  let [done, fresh] = [0, 0];
  await forEachEvaluationSet(settings, options, source, report.window, async (plan, evaluationSet) => {
    const tested = evaluationSet.cases.cases.length;
    total += trialsOf(tested) - atMost;
    const onTrial = (isFresh: boolean) => {
      fresh += isFresh ? 1 : 0;
      options.progress?.(++done, total, fresh);
    };
    const specOf = (given: TrialParameters) => specOfTrial(campaignModel(settings.config, plan.name), given);
    const search = {
      campaign: plan.name,
      specOf,
      evaluationSet,
      rungs: rounds(tested),
      score,
      kept,
      signal: options.signal,
      onTrial,
    };
    const trials = tested < minimumCustomers ? [] : await tuneCampaign(search, grid);
    const current = plan.spec === null ? null : tested === 0 ? 0 : mean(await valuesOfCases(evaluationSet, plan.spec, score));
    report.campaigns.push({ campaign: plan.name, tested: publishedCount(tested), current, trials, evidence: null });
  });
}

/** Tests the chosen models in the outer window. */
async function test(settings: Settings, options: TuneOptions, source: SnapshotAt, report: TuningReport): Promise<void> {
  const { evaluate, tune: asked } = settings.config;
  options.step?.(`test of the chosen models, once, on ${report.outer.from} to ${report.outer.to}`);
  const resampling = { resamples: evaluate.bootstrap, seed: evaluate.seed };
  await forEachEvaluationSet(settings, options, source, report.outer, async (plan, evaluationSet) => {
    const campaign = report.campaigns.find((one) => one.campaign === plan.name)!;
    const chosen = campaign.trials[0]?.parameters;
    if (chosen === undefined || evaluationSet.cases.cases.length === 0) return;
    const spec = specOfTrial(campaignModel(settings.config, plan.name), chosen);
    campaign.evidence = await evidenceFor(evaluationSet, spec, plan.spec, metricOf(asked.metric), resampling);
  });
}

/** Calls a function with the training data and test customers of the trials, for callers that run the trials themselves. */
export async function tuningSets(
  settings: Settings,
  visit: (campaign: string, evaluationSet: EvaluationSet) => Promise<void>,
  options: TuneOptions = {},
): Promise<void> {
  const { inner, outer, tableDate } = windowsOf(settings, options);
  await withSnapshotAt(settings, outer.at, { ...options, tableDate }, (source) =>
    forEachEvaluationSet(settings, options, source, inner, (plan, evaluationSet) => visit(plan.name, evaluationSet)),
  );
}

/**
 * Outer window, inner window, and date of the customers table. The inner window ends where the training data of the outer window
 * end.
 */
function windowsOf(
  settings: Settings,
  { referenceDate }: TuneOptions,
): { inner: EvaluationWindow; outer: EvaluationWindow; tableDate: PlainDate } {
  const { window, gap } = settings.config.evaluate;
  const tableDate = referenceOf(settings, referenceDate);
  return { ...nestedWindows(tableDate, window, gap), tableDate };
}

/** Length of the lists that a metric needs. */
function metricLength(metric: string): number {
  return Number(metric.split('@')[1]);
}

/**
 * Metric with the name `text`.
 * @throws AppError config for an unknown metric
 */
function metricOf(text: string): Score {
  const [name, length] = text.split('@') as [string, string];
  const known = metricNames.find((one) => one === name);
  if (known && Number(length) >= 1) return (outcome) => metric(known as MetricName, outcome, Number(length));
  const names = metricNames.filter((one) => !one.includes(' ')).map((one) => `${one}@5`);
  throw new AppError('config', `tune.metric: no metric ${text}`, `There are: ${names.join(', ')}.`);
}
