import { dirname, join } from 'node:path';
import { AppError, kernelHash } from '@basketwise/core';
import { extractSnapshot, hasPast, type SnapshotManifest } from '@basketwise/data';
import type { CampaignTraining } from './campaigns/saved-models.ts';
import { calibrates, undatedWarning } from './config/calibrates.ts';
import { planCampaigns } from './config/campaign-plan.ts';
import { type Settings, settingsPath } from './config/load.ts';
import { namedClasses } from './config/named-classes.ts';
import { redact } from './config/redact.ts';
import type { Config } from './config/schema.ts';
import { specOfConfig } from './config/spec-of-config.ts';
import { isPushdown } from './drivers/drivers.ts';
import { verdictWarnings } from './evaluation/verdict.ts';
import { featureDates, hasFeatures } from './features/feature-plan.ts';
import { ownPasts } from './features/kept-features.ts';
import { extractInHive } from './pushdown/extract.ts';
import { HiveSide } from './pushdown/hive-side.ts';
import { pushdownStages } from './pushdown/stages.ts';
import { readQuality } from './report/quality-figures.ts';
import type { RunReport } from './report/run-report.ts';
import { loadReportPage, writeReport } from './report/write-report.ts';
import { isPublished, isSameRun } from './run/attempts.ts';
import { writeFailure } from './run/files.ts';
import { findInputs, identifyRun } from './run/identity.ts';
import { latestRun, removeOldRuns, switchLatest } from './run/latest.ts';
import type { Lock } from './run/lock.ts';
import { takeOutput } from './run/output-folder.ts';
import { RunFolder, type StageListener, type StageRange } from './run/run-folder.ts';
import { readSealed, writeSealed } from './run/seal.ts';
import { openSpill, type Spill } from './run/spill.ts';
import { extractRequest } from './source/extract-request.ts';
import { openSource, threadCount } from './source/open-source.ts';
import { calibrateStage, verdictFor } from './stages/calibrate.ts';
import { automaticPlans, chooseStage } from './stages/choose.ts';
import { clusterKey, keepClusterModels } from './stages/cluster.ts';
import { featureStage } from './stages/features.ts';
import { checkClusters, checkData, checkHoldings, type GuardedRun, guardedRun } from './stages/guards.ts';
import { type JobStages, snapshotStages } from './stages/job-stages.ts';
import { publishHiveKey } from './stages/publish-hive.ts';
import { RunContext } from './stages/run-context.ts';
import { trainStage } from './stages/train-stage.ts';
import type { PlainDate } from './values/plain-date.ts';

/** Hears what a job does. */
export interface JobListener {
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
    ...(config.output.hive ? ['publish-hive'] : []),
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
  const signal = options.signal ?? new AbortController().signal;
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  let spill: Spill | undefined;
  try {
    spill = await openSpill(output);
    const listener = stageChecks(lock, options.listener);
    return await runLocked(settings, referenceDate, { output, spill: spill.path, lock }, { ...options, signal, listener });
  } finally {
    try {
      await spill?.close();
    } finally {
      await lock.release();
    }
  }
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
}

async function runLocked(
  settings: Settings,
  referenceDate: PlainDate,
  { output, spill, lock }: Place,
  options: JobOptions & { signal: AbortSignal },
): Promise<RunReport> {
  const threads = threadCount(settings.config.workers);
  const source = await openSource(settings, threads, spill);
  let folder: RunFolder | undefined;
  let context: RunContext | undefined;
  let side: HiveSide | undefined;
  try {
    const dates = featureDates(settings.config, referenceDate);
    const kept = await ownPasts(output, dates.slice(1), settings.config);
    const inputs = await findInputs(settings, source.workbench);
    const identity = await identifyRun(settings, referenceDate, inputs, kept);
    folder = await RunFolder.open(output, identity, options.listener?.stage, stageRange(settings.config, options.stages));
    const { signal } = options;
    context = new RunContext({ settings, referenceDate, folder, threads, spill, signal, step: options.listener?.step });
    side = isPushdown(settings.config) ? new HiveSide(context) : undefined;
    const extract = await folder.stage<SnapshotManifest>({
      name: 'extract',
      work: async () => {
        if (side) return await extractInHive(side, source.workbench);
        const request = extractRequest(settings.config, referenceDate, { dates, tableDate: referenceDate, kept });
        const progress = (step: string) => options.listener?.step?.(step);
        // While the engine reads. Should it fail, the report does and says why.
        if (settings.config.output.report) loadReportPage().catch(() => undefined);
        const { engine, workbench } = source;
        const own = [folder!.path, workbench.options.tempDirectory, ...kept.map(({ file }) => dirname(file))];
        const check = async () => inputs?.check(own);
        const extraction = { signal: options.signal, progress, workbench, check };
        const summary = await extractSnapshot(engine, request, folder!.file('snapshot'), extraction);
        const queries = engine === workbench ? [] : ['queries.sql'];
        const past = hasPast(summary) ? ['past.parquet'] : [];
        const tables = ['customers.parquet', 'products.parquet', 'holdings.parquet', ...past];
        const names = [...tables, 'unknown-products.csv', 'manifest.json', ...queries];
        return { files: names.map((name) => `snapshot/${name}`), summary };
      },
    });
    await source.close();
    if (!options.acceptDrop) checkData(settings.config, extract, await runBefore(context));
    checkHoldings(extract);
    const features = await describeFeatures(context);
    const stages = side ? pushdownStages(side) : snapshotStages(context);
    const clusters = await segmentAndCluster(context, stages);
    if (!options.acceptDrop) checkClusters(settings.config, clusters.clusters, await runBefore(context));
    const report = await finishRun(context, stages, { extract, features, ...clusters });
    await lock.check();
    await switchLatest(output, folder.name);
    await folder.end();
    return { ...report, warnings: [...report.warnings, ...(await removeOthers(output, settings.config.output.keep))] };
  } catch (error) {
    const { aborted, reason: stopped } = options.signal;
    const reason =
      aborted && stopped instanceof AppError ? stopped : writeFailure((error as { path?: string }).path ?? output, error);
    // Who has lost the lock writes no more: the folder is somebody else's now.
    if (!(reason instanceof AppError && reason.code === 'locked')) await folder?.end(reason).catch(() => {});
    for (const warning of context?.warnings ?? []) options.listener?.warning?.(warning);
    throw reason;
  } finally {
    await side?.close();
    await context?.close();
    await source.close();
  }
}

/** Removes old runs; the run is published, so that where they stay it is a warning. */
async function removeOthers(output: string, keep: number): Promise<string[]> {
  try {
    await removeOldRuns(output, keep);
    return [];
  } catch (error) {
    if (error instanceof AppError) return [`old runs stay: ${error.message}`];
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

/** Levels of the features; null without features. */
async function describeFeatures(context: RunContext): Promise<RunReport['features']> {
  if (!hasFeatures(context.settings.config)) return null;
  return await context.folder.stage({ name: 'features', work: () => featureStage(context) });
}

/** Labels and cluster numbers for every customer. */
async function segmentAndCluster(context: RunContext, stages: JobStages): Promise<Pick<RunReport, 'segments' | 'clusters'>> {
  const { folder } = context;
  const segments = await folder.stage({
    name: 'segment',
    work: async () => stages.segment(await previousRun(context)),
  });
  const clusters = await folder.stage({
    name: 'cluster',
    key: () => clusterKey(context),
    work: async () => stages.cluster(await previousRun(context)),
  });
  return { segments, clusters };
}

/** Everything after the clusters, manifest.json last. */
async function finishRun(
  context: RunContext,
  stages: JobStages,
  { extract, features, segments, clusters }: Pick<RunReport, 'extract' | 'features' | 'segments' | 'clusters'>,
): Promise<RunReport> {
  const { folder, settings, referenceDate } = context;
  await keepClusterModels(context, clusters);
  if (stages.baskets) await folder.stage({ name: 'baskets', work: () => stages.baskets!(clusters) });
  const withBank = stages.withBank(clusters);
  const plans = planCampaigns(settings.config);
  const automatic = automaticPlans(plans);
  const choices =
    automatic.length === 0 ? [] : await folder.stage({ name: 'choose', work: () => chooseStage(context, automatic) });
  const trainings: CampaignTraining[] = [];
  for (const plan of plans) {
    const chosen = choices.find(({ campaign }) => campaign === plan.name);
    const wanted = { spec: chosen?.spec ?? specOfConfig(plan.model), trained: chosen?.trained ?? null };
    const work = () => withBank(plan, (bank) => trainStage(context, bank, plan, wanted));
    trainings.push(await folder.stage({ name: `train-${plan.name}`, work }));
  }
  const calibrations = !calibrates(settings.config)
    ? []
    : await folder.stage({ name: 'calibrate', work: () => calibrateStage(context, withBank, trainings, choices) });
  const campaigns = await folder.stage({
    name: 'publish',
    work: () => stages.publish(withBank, trainings, calibrations),
  });
  if (settings.config.output.hive) {
    await folder.stage({ name: 'publish-hive', key: () => publishHiveKey(context), work: () => stages.publishHive() });
  }
  const report: RunReport = {
    ...{
      run: folder.name,
      referenceDate,
      folder: folder.path,
      extract,
      classes: namedClasses(settings.config),
      features,
      segments,
      clusters,
      choices,
      trainings,
      verdicts: plans.map(({ name }) => verdictFor(name, choices, calibrations)),
      campaigns,
    },
    warnings: [
      ...undatedWarning(settings.config),
      ...settings.warnings,
      ...(features?.warnings ?? []),
      ...[...clusters, ...choices, ...trainings].flatMap(({ warnings }) => warnings),
      ...calibrations.flatMap(({ campaign, verdict }) => verdictWarnings(campaign, verdict)),
    ],
    stages: folder.stages,
  };
  const quality = await readQuality(settingsPath(settings, settings.config.output.dir), context.warn);
  const whole = { ...report, warnings: [...report.warnings, ...context.warnings] };
  if (settings.config.output.report) {
    const work = async () => {
      const { engine } = await context.snapshot();
      const results = { folder, engine, output: settings.config.output, referenceDate };
      return writeReport(results, whole, quality, await previousRun(context), await stages.rowsToReport?.());
    };
    await folder.stage({ name: 'report', work });
  }
  if (folder.isPublished) return whole;
  await stages.end?.();
  await writeSealed(folder.file('manifest.json'), { ...manifestOf(context, report), ...(await stages.manifestFacts?.()) });
  return whole;
}

/** Folder of the last successful run, if it is another one, and no earlier attempt at this one. */
async function previousRun({ folder, settings }: RunContext): Promise<string | undefined> {
  const output = settingsPath(settings, settings.config.output.dir);
  const latest = await latestRun(output);
  if (latest === undefined || isSameRun(latest, folder.name)) return undefined;
  const previous = join(output, 'runs', latest);
  return (await isPublished(previous)) ? previous : undefined;
}

/**
 * The manifest of the last successful run, if it is in another folder: an earlier attempt at this run counts, too. Where it cannot be read,
 * guards have nothing to compare with: a warning.
 */
async function runBefore({ folder, settings, warn }: RunContext): Promise<GuardedRun | undefined> {
  const output = settingsPath(settings, settings.config.output.dir);
  const latest = await latestRun(output);
  if (latest === undefined || latest === folder.name) return undefined;
  const before = guardedRun.safeParse(await readSealed(join(output, 'runs', latest, 'manifest.json')));
  if (before.success) return before.data;
  const what = `manifest.json of the last successful run, ${latest}, is missing, damaged or of another version`;
  warn(`${what}: guards compared this run with nothing`);
  return undefined;
}

/** The manifest of a finished run: what it was made of, and what it made. Nothing in it depends on when or where it ran. */
function manifestOf(
  { folder, settings }: RunContext,
  { extract, features, segments, clusters, choices, trainings, verdicts, campaigns, warnings }: RunReport,
) {
  const { referenceDate, hash, code, config, input } = folder.identity;
  const { workers: _workers, log: _log, output, source, ...rest } = settings.config;
  return {
    ...{ version: 1, run: folder.name, referenceDate, hash, inputs: { code, config, files: input, kernels: kernelHash } },
    config: redact({
      ...rest,
      source: { engine: source.engine, encoding: source.encoding },
      output: { formats: output.formats, escape_formulas: output.escape_formulas },
    }),
    ...{ extract, ...(features && { features }), segments, clusters, choices, trainings, verdicts, campaigns, warnings },
    // The report tells times, which differ from run to run.
    files: folder.files.filter(({ file }) => !file.startsWith('report.')),
  };
}
