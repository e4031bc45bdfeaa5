import {
  type BankSource,
  type CampaignCalibration,
  type CampaignChoice,
  type CampaignVerdict,
  calibrateAt,
  type PlainDate,
} from '@basketwise/core/advice';
import { planCampaigns } from '../config/campaign-plan.ts';
import { writeJson } from '../run/files.ts';
import type { StageResult } from '../run/run-folder.ts';
import type { RunContext } from './run-context.ts';

/** How rows get their probabilities, campaign by campaign: kept with the run. */
const calibrationFile = 'calibration.json';

/** Learns from the newest window what rows of lists are worth; writes calibration.json. */
export async function calibrateStage(
  context: RunContext,
  bank: BankSource,
  choices: readonly CampaignChoice[],
): Promise<StageResult<CampaignCalibration[]>> {
  const plans = planCampaigns(context.settings.config);
  const calibrations = await calibrateAt(bank, plans, choices, context.referenceDate, await context.tools());
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
