import { AppError, type PlainDate } from '@basketwise/core';
import { writeFailure } from '@basketwise/data/base';
import { type Settings, settingsPath } from './config/load.ts';
import { needCampaigns, needConsent } from './config/needed.ts';
import type { Config } from './config/schema.ts';
import { isPushdown, targets } from './drivers/drivers.ts';
import type { RunReport } from './report/run-report.ts';
import { packageVersion } from './run/code-hash.ts';
import { needNoRelease } from './run/journal.ts';
import { removeOldRuns, switchLatest } from './run/latest.ts';
import type { Lock } from './run/lock.ts';
import { takeOutput } from './run/output-folder.ts';
import { latestRun } from './run/published-runs.ts';
import { RunFolder, type StageListener, type StageRange } from './run/run-folder.ts';
import { writeSealed } from './run/seal.ts';
import { openSpill, type Spill } from './run/spill.ts';
import { checkWritten } from './run/written-paths.ts';
import { closeAll, threadCount } from './source/run-snapshot.ts';
import { cluster } from './stages/cluster.ts';
import { needEngines, openSource, serverSite } from './stages/load-engine.ts';
import { manifestOf } from './stages/manifest.ts';
import { reportOf } from './stages/report.ts';
import { RunContext } from './stages/run-context.ts';
import { madeOfStages, runStages, stageNames } from './stages/run-stages.ts';
import { planRun, type Site } from './stages/site.ts';
import { snapshotSite } from './stages/snapshot-site.ts';
import type { Night, Results } from './stages/stage.ts';
import { stages } from './stages/stages.ts';
import { RunExporter } from './telling/tell-run.ts';

/** Callbacks that observe a job. */
export interface JobListener {
  /** Called after the paths of the config are checked, before any file is written. */
  begin?: () => Promise<void>;
  /** Called when a stage begins or ends. */
  stage?: StageListener;
  /** Called with a description of each step that a running stage begins. */
  step?: (text: string) => void;
  /** Called with each warning of a failed job. A successful job returns its warnings in the report. */
  warning?: (text: string) => void;
}

export interface JobOptions {
  /** Reference date in place of the config's. */
  referenceDate?: PlainDate;
  /** Stops the job cleanly when aborted. The job then throws the signal's reason. */
  signal?: AbortSignal;
  listener?: JobListener;
  /** Whether to continue although a guard would stop the run. */
  acceptDrop?: boolean;
  /** Whether the run has only some campaigns. Such a run is not published, and leaves all other runs unchanged. */
  aside?: boolean;
  /** First stage to repeat, and last stage to run. The job throws `StageReached` after the last stage. */
  stages?: StageRange;
}

/** Names of the stages of a job, in order. */
export function jobStages(config: Config): string[] {
  return stageNames(stages, config);
}

/**
 * Runs the batch job: extracts the data, clusters customers, trains and scores every campaign, and publishes the results.
 * Finished stages are skipped, so that a stopped job continues. `latest` points at the run only when the run is complete.
 * @throws AppError whose kind determines the exit code (`exitCodes`); run.json contains the exit code, too
 */
export async function runJob(settings: Settings, options: JobOptions = {}): Promise<RunReport> {
  const referenceDate = options.referenceDate ?? settings.config.reference_date;
  if (!referenceDate) throw new AppError('config', 'reference_date: required, and missing', 'Set it, or give --reference-date.');
  await checkWritten(settings);
  await options.listener?.begin?.();
  const exporter = new RunExporter(settings, referenceDate, packageVersion());
  await exporter.begin();
  const warned: string[] = [];
  const listener: JobListener = {
    ...options.listener,
    async stage(state, summary) {
      exporter.note(state);
      await options.listener?.stage?.(state, summary);
    },
    warning: (text) => warned.push(text),
  };
  const report = await lockAndRun(settings, referenceDate, { ...options, listener }, exporter).catch(async (error) => {
    await exporter.end({ error }, warned);
    for (const warning of [...warned, ...exporter.warnings]) options.listener?.warning?.(warning);
    throw error;
  });
  await exporter.end({ report }, report.warnings);
  return { ...report, warnings: [...report.warnings, ...exporter.warnings] };
}

async function lockAndRun(
  settings: Settings,
  referenceDate: PlainDate,
  options: JobOptions,
  exporter: RunExporter,
): Promise<RunReport> {
  if (!isBeforeTraining(settings.config, options.stages?.until)) {
    needCampaigns(settings.config);
    needConsent(settings);
  }
  // Reports a missing package or address now, not at the end of the run.
  await needEngines(settings);
  const signal = options.signal ?? new AbortController().signal;
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  let spill: Spill | undefined;
  try {
    if (publishes(settings, options) || hasTarget(settings)) await needNoRelease(output);
    spill = await openSpill(output);
    const listener = stageChecks(lock, options.listener);
    return await runLocked(
      settings,
      referenceDate,
      { output, spill: spill.path, lock, exporter },
      { ...options, signal, listener },
    );
  } finally {
    try {
      await spill?.close();
    } finally {
      await lock.release();
    }
  }
}

/** Whether a job publishes its run. With `release` in the config, approvals publish it later. */
function publishes({ config }: Settings, { aside }: JobOptions): boolean {
  return !aside && config.release === undefined;
}

/** Whether a job writes rows to a table of a server. */
function hasTarget({ config: { output, release } }: Settings): boolean {
  return release === undefined && targets.some((target) => output[target] !== undefined);
}

/** Whether a job ends before the first stage that needs campaigns. */
function isBeforeTraining(config: Config, until: string | undefined): boolean {
  const names = jobStages(config);
  return until !== undefined && names.indexOf(until) <= names.indexOf(cluster.name);
}

/** Listener that also checks, at the start of each stage, whether the lock is still held. */
function stageChecks(lock: Lock, listener: JobListener = {}): JobListener {
  return {
    ...listener,
    async stage(state, summary) {
      if (state.status === 'running') await lock.check();
      await listener.stage?.(state, summary);
    },
  };
}

/** Folders that a job writes to, their lock, and the exporter of the run's end. */
interface RunPlace {
  output: string;
  spill: string;
  lock: Lock;
  exporter: RunExporter;
}

async function runLocked(
  settings: Settings,
  referenceDate: PlainDate,
  { output, spill, lock, exporter }: RunPlace,
  options: JobOptions & { signal: AbortSignal },
): Promise<RunReport> {
  const { aside, signal, listener } = options;
  const threads = threadCount(settings.config.workers);
  const source = await openSource(settings, threads, spill);
  let [folder, context, site]: [RunFolder?, RunContext?, Site?] = [];
  try {
    const damaged: string[] = [];
    const makesLists = !isBeforeTraining(settings.config, options.stages?.until);
    const plan = await planRun(settings, referenceDate, source, aside, (problem) => damaged.push(problem));
    folder = await RunFolder.open(output, plan.identity, {
      listener: listener?.stage,
      range: stageRange(settings.config, options.stages),
      previous: plan.previous,
      madeOf: madeOfStages(stages, plan),
    });
    exporter.in(folder);
    context = new RunContext({ settings, referenceDate, folder, threads, spill, signal, step: listener?.step });
    for (const problem of damaged) context.warn(problem);
    site = isPushdown(settings.config) ? await serverSite(context) : snapshotSite(context);
    const night = { plan, context, site, source, acceptDrop: options.acceptDrop === true, makesLists };
    const report = await reportRun(night, await runStages(stages, night));
    await lock.check();
    const turned = publishes(settings, options) ? await turnLatest(output, folder.name) : [];
    await folder.end();
    const left = aside ? [] : await tidyOutput(output, settings.config);
    return { ...report, warnings: [...report.warnings, ...turned, ...left] };
  } catch (error) {
    const reason = reasonOfEnd(error, signal, output);
    // A job that has lost the lock stops writing: another process owns the folder.
    if (!(reason instanceof AppError && reason.code === 'locked')) await folder?.end(reason).catch(() => {});
    for (const warning of context?.warnings ?? []) listener?.warning?.(warning);
    throw reason;
  } finally {
    await closeAll([site, context, source]);
  }
}

/** Publishes a run. Returns a warning if the run published before has a later date. */
async function turnLatest(output: string, run: string): Promise<string[]> {
  const before = await latestRun(output);
  await switchLatest(output, run);
  if (before === undefined || before.slice(0, 10) <= run.slice(0, 10)) return [];
  return [`latest was the run ${before} of a later date: repeat the run of that date to have its lists in latest again`];
}

/** Error that ends a run: the AppError that aborted it, otherwise `error`. A system error of a write becomes an AppError. */
function reasonOfEnd(error: unknown, { aborted, reason }: AbortSignal, output: string) {
  if (aborted && reason instanceof AppError) return reason;
  return writeFailure((error as { path?: string }).path ?? output, error);
}

/** Makes the report of a run. Then writes the manifest, the last file of a run, unless the run was successful before. */
async function reportRun(night: Night, results: Results): Promise<RunReport> {
  const { context, site } = night;
  const made = reportOf(night, results);
  const report = { ...made, warnings: [...made.warnings, ...context.warnings] };
  if (context.folder.isPublished) return report;
  await site.end?.();
  await writeSealed(context.folder.file('manifest.json'), { ...manifestOf(context, made), ...(await site.manifestFacts?.()) });
  return report;
}

/** Removes old runs, and writes the page that lists the runs. A failure is only a warning, because the run is published already. */
async function tidyOutput(output: string, { output: { keep, report }, release }: Config): Promise<string[]> {
  const removed = await warningOf('old runs stay', () => removeOldRuns(output, keep, release !== undefined));
  const shown = report
    ? await warningOf('index.html is unchanged', async () => (await import('./report/nights-page.ts')).writeNightsPage(output))
    : [];
  return [...removed, ...shown];
}

async function warningOf(what: string, work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof AppError) return [`${what}: ${error.message}`];
    throw error;
  }
}

/** Checks that the stages of a range exist. @throws AppError usage for an unknown stage */
function stageRange(config: Config, range: StageRange = {}): StageRange {
  const names = jobStages(config);
  for (const name of [range.from, range.until]) {
    if (name === undefined || names.includes(name)) continue;
    throw new AppError('usage', `there is no stage \`${name}\``, `The stages of this config are ${names.join(', ')}.`);
  }
  return range;
}
