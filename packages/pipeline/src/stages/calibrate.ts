import {
  type CampaignCalibration,
  type CampaignChoice,
  type CampaignVerdict,
  calibrateAt,
  isLearned,
  type PlainDate,
  type WithBank,
} from '@basketwise/core/advice';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { JobStages } from './job-stages.ts';
import type { RunContext } from './run-context.ts';

/** How rows get their probabilities, campaign by campaign: kept with the run. */
const calibrationFile = 'calibration.json';

/** Models of the campaigns, and how those were chosen that were left to the job. */
interface Learned {
  trainings: readonly CampaignTraining[];
  choices: readonly CampaignChoice[];
}

/** Learns from the newest window what rows of lists are worth; writes calibration.json. */
export async function calibrateStage(
  context: RunContext,
  stages: Pick<JobStages, 'groupedLessons'>,
  withBank: WithBank,
  { trainings, choices }: Learned,
): Promise<StageResult<CampaignCalibration[]>> {
  const { config } = context.settings;
  const campaigns = planCampaigns(config).map((plan, i) => {
    const trained = choices.find(({ campaign }) => campaign === plan.name)?.trained ?? null;
    return { plan, wanted: { spec: trainings[i]!.spec, trained }, judged: !isLearned(plan.model) };
  });
  const { signal, tell: step, referenceDate } = context;
  const tools = { pool: await context.pool(), records: await context.records(), config, signal, step };
  const grouped = stages.groupedLessons?.();
  const known = grouped ? null : { contexts: await context.contexts(), dated: await context.datedClusters() };
  const calibrations = known
    ? await withBank(campaigns[0]!.plan, ({ clusters }) =>
        calibrateAt({ ...tools, ...known }, campaigns, referenceDate, clusters),
      )
    : await calibrateAt({ ...tools, contexts: null, grouped }, campaigns, referenceDate, new Map());
  await writeJson(context.folder.file(calibrationFile), calibrations);
  return { files: [calibrationFile], summary: calibrations };
}

/** How a campaign's lists did in the newest window: as its model was chosen, else as it was calibrated. */
export function verdictFor(
  campaign: string,
  choices: readonly CampaignChoice[],
  calibrations: readonly CampaignCalibration[],
): CampaignVerdict | null {
  const isIts = (one: { campaign: string }) => one.campaign === campaign;
  return choices.find(isIts)?.verdict ?? calibrations.find(isIts)?.verdict ?? null;
}

/** Warns of a bank whose probabilities, and models that learn from purchases, rest on no purchase at all. */
export function nothingBoughtWarning(calibrations: readonly CampaignCalibration[], date: PlainDate): string[] {
  const isNothing = calibrations.length > 0 && calibrations.every(({ ofYear, bought }) => ofYear + bought === 0);
  const what = `nobody bought a product of any campaign in the year before ${date}, as tables.holdings.date has it`;
  return isNothing ? [`${what}: \`probability\`, and models that learn from purchases, rest on no purchase of this bank`] : [];
}
