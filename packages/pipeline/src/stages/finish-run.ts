import { type CampaignChoice, type CampaignPlan, verdictWarnings, wantedModel } from '@basketwise/core/advice';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import { calibrates, undatedWarning } from '../config/calibrates.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import { settingsPath } from '../config/load.ts';
import { namedClasses } from '../config/named-classes.ts';
import { hasFeatures } from '../features/feature-plan.ts';
import { offerWarnings } from '../offers/published-offers.ts';
import { type QualityFigures, readQuality } from '../report/quality-figures.ts';
import type { RunReport } from '../report/run-report.ts';
import { writeReport } from '../report/write-report.ts';
import { writeSealed } from '../run/seal.ts';
import { calibrateStage, nothingBoughtWarning, verdictFor } from './calibrate.ts';
import { automaticPlans, chooseStage } from './choose.ts';
import { clusterKey, keepClusterModels } from './cluster.ts';
import { decideKey, decideStage } from './decide.ts';
import type { JobBank, JobStages } from './job-stages.ts';
import { manifestOf } from './manifest.ts';
import { mentions } from './mentions.ts';
import { outcomesStage } from './outcomes.ts';
import { publishHiveKey } from './publish-hive.ts';
import { publishPostgres, publishPostgresKey } from './publish-postgres.ts';
import type { RunContext } from './run-context.ts';
import { previousRun } from './runs-before.ts';
import { trainStage } from './train-stage.ts';

/** Levels of the features; null without features. */
export async function describeFeatures(context: RunContext, stages: JobStages): Promise<RunReport['features']> {
  if (!hasFeatures(context.settings.config)) return null;
  return await context.folder.stage({ name: 'features', work: () => stages.features() });
}

/** Labels and cluster numbers for every customer. */
export async function segmentAndCluster(
  context: RunContext,
  stages: JobStages,
): Promise<Pick<RunReport, 'segments' | 'clusters'>> {
  const { folder } = context;
  const segments = await folder.stage({
    name: 'segment',
    key: async () => folder.previousKey,
    work: async () => stages.segment(await previousRun(context)),
  });
  const clusters = await folder.stage({
    name: 'cluster',
    key: async () => `${await clusterKey(context)} ${folder.previousKey}`,
    work: async () => stages.cluster(await previousRun(context)),
  });
  return { segments, clusters };
}

/** Everything after the clusters, manifest.json last. */
export async function finishRun(
  context: RunContext,
  stages: JobStages,
  { extract, features, segments, clusters }: Pick<RunReport, 'extract' | 'features' | 'segments' | 'clusters'>,
): Promise<RunReport> {
  const { folder, settings, referenceDate } = context;
  await keepClusterModels(context, clusters);
  if (stages.baskets) await folder.stage({ name: 'baskets', work: () => stages.baskets!(clusters) });
  const bank = () => stages.bank(clusters);
  const plans = planCampaigns(settings.config);
  const { choices, trainings } = await trainAll(context, bank, plans);
  const calibrations = !calibrates(settings.config)
    ? []
    : await folder.stage({
        name: 'calibrate',
        work: async () => calibrateStage(context, await bank(), choices),
      });
  const campaigns = await folder.stage({
    name: 'publish',
    work: async () => stages.publish(await bank(), trainings, calibrations),
  });
  const offers = !settings.config.offers
    ? null
    : await folder.stage({
        name: 'decide',
        key: () => decideKey(context),
        work: async () => decideStage(context, { bank: await bank(), trainings, calibrations, clusters }),
      });
  const outcomes = settings.config.offers ? await outcomesStage(context) : null;
  for (const to of ['hive', 'spark'] as const) {
    if (!settings.config.output[to]) continue;
    const key = () => publishHiveKey(context, to);
    await folder.stage({ name: `publish-${to}`, key, work: () => stages.publishHive(to) });
  }
  if (settings.config.output.postgres) {
    const key = () => publishPostgresKey(context);
    await folder.stage({ name: 'publish-postgres', key, work: () => publishPostgres(context) });
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
      offers,
      outcomes,
    },
    warnings: [
      ...offerWarnings(offers, extract),
      ...undatedWarning(settings.config),
      ...nothingBoughtWarning(calibrations, referenceDate),
      ...settings.warnings,
      ...(features?.warnings ?? []),
      ...[...clusters, ...choices, ...trainings].flatMap(({ warnings }) => warnings),
      ...calibrations.flatMap(({ campaign, verdict }) => verdictWarnings(campaign, verdict)),
    ],
    stages: folder.stages,
  };
  const quality = await readQuality(settingsPath(settings, settings.config.output.dir), context.warn);
  for (const mention of mentions(extract, settings.config)) context.warn(mention);
  const whole = { ...report, warnings: [...report.warnings, ...context.warnings] };
  if (settings.config.output.report) await reportStage(context, bank, whole, quality);
  if (folder.isPublished) return whole;
  await stages.end?.();
  await writeSealed(folder.file('manifest.json'), { ...manifestOf(context, report), ...(await stages.manifestFacts?.()) });
  return whole;
}

/** Chooses the models that the config leaves to `automatic`, and fits those of all campaigns. */
async function trainAll(
  context: RunContext,
  bank: () => Promise<JobBank>,
  plans: readonly CampaignPlan[],
): Promise<{ choices: readonly CampaignChoice[]; trainings: CampaignTraining[] }> {
  const { folder } = context;
  const automatic = automaticPlans(plans);
  const choices =
    automatic.length === 0
      ? []
      : await folder.stage({ name: 'choose', work: async () => chooseStage(context, await bank(), automatic) });
  const trainings: CampaignTraining[] = [];
  for (const plan of plans) {
    const work = async () => trainStage(context, await bank(), plan, wantedModel(plan, choices));
    trainings.push(await folder.stage({ name: `train-${plan.name}`, work }));
  }
  return { choices, trainings };
}

/** Writes the report: of the run, against the run before it, with the last evaluation and tuning. */
async function reportStage(
  context: RunContext,
  bank: () => Promise<JobBank>,
  report: RunReport,
  quality: QualityFigures,
): Promise<void> {
  const { folder } = context;
  const work = async () => {
    const known = { products: await (await context.snapshot()).products(), holders: await (await bank()).holders() };
    return writeReport(folder, report, known, quality, await previousRun(context));
  };
  await folder.stage({ name: 'report', key: async () => folder.previousKey, work });
}
