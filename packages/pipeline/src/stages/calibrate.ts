import type { WithBank } from '../campaigns/bank.ts';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import { type CampaignCalibration, calibrateAt } from '../evaluation/calibrate-at.ts';
import type { CampaignChoice } from '../evaluation/campaign-choice.ts';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** How rows get their probabilities, campaign by campaign: kept with the run. */
const calibrationFile = 'calibration.json';

/** Learns from the newest window what rows of lists are worth; writes calibration.json. */
export async function calibrateStage(
  context: RunContext,
  withBank: WithBank,
  trainings: readonly CampaignTraining[],
  choices: readonly CampaignChoice[],
): Promise<StageResult<CampaignCalibration[]>> {
  const { config } = context.settings;
  const campaigns = planCampaigns(config).map((plan, i) => {
    const trained = choices.find(({ campaign }) => campaign === plan.name)?.trained ?? null;
    return { plan, wanted: { spec: trainings[i]!.spec, trained } };
  });
  const { signal, tell: step } = context;
  const [pool, snapshot, contexts] = [await context.pool(), await context.snapshot(), await context.contexts()];
  const tools = { pool, snapshot, config, contexts, signal, step };
  const calibrations = await withBank(campaigns[0]!.plan, ({ clusters }) =>
    calibrateAt(tools, campaigns, context.referenceDate, clusters),
  );
  await writeJson(context.folder.file(calibrationFile), calibrations);
  return { files: [calibrationFile], summary: calibrations };
}
