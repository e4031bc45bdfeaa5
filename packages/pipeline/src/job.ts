import { AppError } from '@basketwise/core';
import type { PlainDate } from '@basketwise/core/advice';
import type { SnapshotManifest } from '@basketwise/data';
import { calibrates } from './config/calibrates.ts';
import { planCampaigns } from './config/campaign-plan.ts';
import { type Settings, settingsPath } from './config/load.ts';
import { namedClasses } from './config/named-classes.ts';
import { needCampaigns } from './config/need-campaigns.ts';
import type { Config } from './config/schema.ts';
import { isPushdown } from './drivers/drivers.ts';
import { featureDates, hasFeatures } from './features/feature-plan.ts';
import { ownPasts } from './features/kept-features.ts';
import { extractInHive } from './pushdown/extract.ts';
import { HiveRun } from './pushdown/hive-run.ts';
import { pushdownStages } from './pushdown/stages.ts';
import type { RunReport } from './report/run-report.ts';
import { closeAll } from './run/close-all.ts';
import { writeFailure } from './run/files.ts';
import { findInputs, identifyRun } from './run/identity.ts';
import { nightBefore, removeOldRuns, switchLatest } from './run/latest.ts';
import type { Lock } from './run/lock.ts';
import { takeOutput } from './run/output-folder.ts';
import { RunFolder, type StageListener, type StageRange } from './run/run-folder.ts';
import { openSpill, type Spill } from './run/spill.ts';
import { checkWritten } from './run/written-paths.ts';
import { openSource, threadCount } from './source/open-source.ts';
import { automaticPlans } from './stages/choose.ts';
import { extractStage } from './stages/extract.ts';
import { describeFeatures, finishRun, segmentAndCluster } from './stages/finish-run.ts';
import { checkClusters, checkData, checkHoldings } from './stages/guards.ts';
import { snapshotStages } from './stages/job-stages.ts';
import { postgresTarget } from './stages/publish-postgres.ts';
import { RunContext } from './stages/run-context.ts';
import { runBefore } from './stages/runs-before.ts';
import { holdingsParts, stageParts } from './stages/stage-parts.ts';
import { RunTeller } from './telling/tell-run.ts';
import { packageVersion } from './values/package-version.ts';

/** Hears what a job does. */
export interface JobListener {
  /** The paths that the config names are sound, and nothing was written yet. */
  begin?: () => Promise<void>;
  /** A stage begins or ends. */
  stage?: StageListener;
  /** A running stage has come to a step. */
  step?: (text: string) => void;
  /** A warning of a job that failed: one that did not has them in its report. */
  warning?: (text: string) => void;
}

/** How to run a job. */
export interface JobOptions {
  /** In place of the config's. */
  referenceDate?: PlainDate;
  /** Stops the job cleanly; its reason is thrown. */
  signal?: AbortSignal;
  listener?: JobListener;
  /** Go on where a guard would stop the run. */
  acceptDrop?: boolean;
  /** Publish nothing, and leave other runs as they are: for a run of some campaigns alone. */
  aside?: boolean;
  /** Where to begin again, and where to stop; the job then ends by throwing `StageReached`. */
  stages?: StageRange;
}

/** Names of the stages of a job, in order. */
export function jobStages(config: Config): string[] {
  const training = Object.keys(config.campaigns).map((campaign) => `train-${campaign}`);
  return [
    'extract',
    ...(hasFeatures(config) ? ['features'] : []),
    'segment',
    'cluster',
    ...(isPushdown(config) ? ['baskets'] : []),
    ...(automaticPlans(planCampaigns(config)).length > 0 ? ['choose'] : []),
    ...training,
    ...(calibrates(config) ? ['calibrate'] : []),
    'publish',
    ...(config.offers ? ['decide', 'outcomes'] : []),
    ...(config.output.hive ? ['publish-hive'] : []),
    ...(config.output.spark ? ['publish-spark'] : []),
    ...(config.output.postgres ? ['publish-postgres'] : []),
    ...(config.output.report ? ['report'] : []),
  ];
}

/**
 * Runs the nightly job: extract, cluster, train and score every campaign, publish. Stages that are done already are skipped, so that a
 * stopped job goes on where it was. `latest` points at the run only when all of it is there.
 * @throws AppError whose kind gives the exit code (`exit-codes.ts`); run.json has it too
 */
export async function runJob(settings: Settings, options: JobOptions = {}): Promise<RunReport> {
  const referenceDate = options.referenceDate ?? settings.config.reference_date;
  if (!referenceDate) throw new AppError('config', 'reference_date: required, and missing', 'Set it, or give --reference-date.');
  await checkWritten(settings);
  await options.listener?.begin?.();
  const teller = new RunTeller(settings, referenceDate, packageVersion());
  await teller.begin();
  const warned: string[] = [];
  const listener: JobListener = {
    ...options.listener,
    async stage(state, summary) {
      teller.note(state);
      await options.listener?.stage?.(state, summary);
    },
    warning: (text) => warned.push(text),
  };
  const report = await lockAndRun(settings, referenceDate, { ...options, listener }, teller).catch(async (error) => {
    await teller.end({ error }, warned);
    for (const warning of [...warned, ...teller.warnings]) options.listener?.warning?.(warning);
    throw error;
  });
  await teller.end({ report }, report.warnings);
  return { ...report, warnings: [...report.warnings, ...teller.warnings] };
}

async function lockAndRun(
  settings: Settings,
  referenceDate: PlainDate,
  options: JobOptions,
  teller: RunTeller,
): Promise<RunReport> {
  if (!isBeforeTraining(settings.config, options.stages?.until)) needCampaigns(settings.config);
  const signal = options.signal ?? new AbortController().signal;
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  let spill: Spill | undefined;
  try {
    spill = await openSpill(output);
    const listener = stageChecks(lock, options.listener);
    return await runLocked(
      settings,
      referenceDate,
      { output, spill: spill.path, lock, teller },
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

/** Whether a job stops before it needs campaigns. */
function isBeforeTraining(config: Config, until: string | undefined): boolean {
  const stages = jobStages(config);
  return until !== undefined && stages.indexOf(until) <= stages.indexOf('cluster');
}

/** Makes sure that the lock is still held whenever a stage begins. */
function stageChecks(lock: Lock, listener: JobListener = {}): JobListener {
  return {
    ...listener,
    async stage(state, summary) {
      if (state.status === 'running') await lock.check();
      await listener.stage?.(state, summary);
    },
  };
}

/** Where a job may write, and what makes it sure that nobody else does. */
interface Place {
  output: string;
  spill: string;
  lock: Lock;
  teller: RunTeller;
}

async function runLocked(
  settings: Settings,
  referenceDate: PlainDate,
  { output, spill, lock, teller }: Place,
  options: JobOptions & { signal: AbortSignal },
): Promise<RunReport> {
  const threads = threadCount(settings.config.workers);
  // an address that is missing is found out now, not at the end of the night
  if (settings.config.output.postgres) postgresTarget(settings);
  const source = await openSource(settings, threads, spill);
  let folder: RunFolder | undefined;
  let context: RunContext | undefined;
  let hiveRun: HiveRun | undefined;
  try {
    const dates = featureDates(settings.config, referenceDate);
    const kept = await ownPasts(output, dates.slice(1), settings.config);
    const inputs = await findInputs(settings, source.workbench);
    const identity = await identifyRun(settings, referenceDate, inputs, kept, options.aside);
    const damaged: string[] = [];
    const previous = await nightBefore(output, referenceDate, (problem) => damaged.push(problem));
    const parts = { settings, identity, kept, previous };
    const range = stageRange(settings.config, options.stages);
    folder = await RunFolder.open(output, identity, {
      listener: options.listener?.stage,
      range,
      previous,
      madeOf: stageParts(parts),
    });
    teller.in(folder);
    const { signal } = options;
    context = new RunContext({ settings, referenceDate, folder, threads, spill, signal, step: options.listener?.step });
    for (const problem of damaged) context.warn(problem);
    hiveRun = isPushdown(settings.config) ? new HiveRun(context) : undefined;
    const extract = await folder.stage<SnapshotManifest>({
      name: 'extract',
      accepts: ({ products }) => [...namedClasses(settings.config)].every((of) => Object.hasOwn(products.classes, of)),
      work: async () =>
        hiveRun
          ? await extractInHive(hiveRun, source.workbench, dates)
          : await extractStage(context!, source, { dates, kept, inputs, holdings: holdingsParts(parts) }),
    });
    await source.close();
    if (!options.acceptDrop) checkData(settings.config, extract, await runBefore(context));
    checkHoldings(extract);
    const stages = hiveRun ? pushdownStages(hiveRun) : snapshotStages(context);
    const features = await describeFeatures(context, stages);
    const clusters = await segmentAndCluster(context, stages);
    if (!options.acceptDrop) checkClusters(settings.config, clusters.clusters, await runBefore(context));
    const report = await finishRun(context, stages, { extract, features, ...clusters });
    await lock.check();
    if (!options.aside) await switchLatest(output, folder.name);
    await folder.end();
    const left = options.aside ? [] : await tidy(output, settings.config.output);
    return { ...report, warnings: [...report.warnings, ...left] };
  } catch (error) {
    const { aborted, reason: stopped } = options.signal;
    const reason =
      aborted && stopped instanceof AppError ? stopped : writeFailure((error as { path?: string }).path ?? output, error);
    // Who has lost the lock writes no more: the folder is somebody else's now.
    if (!(reason instanceof AppError && reason.code === 'locked')) await folder?.end(reason).catch(() => {});
    for (const warning of context?.warnings ?? []) options.listener?.warning?.(warning);
    throw reason;
  } finally {
    await closeAll([hiveRun, context, source]);
  }
}

/** Removes old runs, and shows the nights; the run is published, so that where that fails it is a warning. */
async function tidy(output: string, { keep, report }: Config['output']): Promise<string[]> {
  const removed = await warningOf('old runs stay', () => removeOldRuns(output, keep));
  const shown = report
    ? await warningOf('index.html is as it was', async () => (await import('./report/nights-page.ts')).writeNightsPage(output))
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

/** @throws AppError usage where a stage does not exist */
function stageRange(config: Config, range: StageRange = {}): StageRange {
  const names = jobStages(config);
  for (const name of [range.from, range.until]) {
    if (name === undefined || names.includes(name)) continue;
    throw new AppError('usage', `there is no stage \`${name}\``, `The stages of this config are ${names.join(', ')}.`);
  }
  return range;
}
