import { join } from 'node:path';
import { settingsPath } from '../config/load.ts';
import type { CampaignCalibration } from '../evaluation/calibrate-side.ts';
import { readJson } from '../run/files.ts';
import type { CampaignChoice } from './choose.ts';
import type { CampaignTraining } from './train-stage.ts';
import type { Workshop } from './workshop.ts';

/** What of evaluation.json is read. */
interface Evaluated {
  campaigns?: readonly { campaign: string; calibration?: CampaignCalibration | null }[];
}

/** The calibration that a campaign's scores are turned into probabilities by; null: there is none for this very model. */
export interface UsedCalibration {
  campaign: string;
  calibration: CampaignCalibration | null;
}

/**
 * The calibrations of a run: an automatic model's from its choice, else that of the latest evaluation, if it calibrated a model with the same
 * parameters. Campaigns with a model per cluster have none, as one model of all was evaluated: never a probability from another model.
 */
export async function runCalibrations(
  workshop: Workshop,
  trainings: readonly Pick<CampaignTraining, 'campaign' | 'spec'>[],
  choices: readonly CampaignChoice[],
): Promise<UsedCalibration[]> {
  const { config } = workshop.settings;
  const evaluation = config.calibrate
    ? await readJson<Evaluated>(join(settingsPath(workshop.settings, config.output.dir), 'evaluation.json'))
    : undefined;
  return trainings.map(({ campaign, spec }) => {
    const choice = choices.find((one) => one.campaign === campaign);
    const found = choice ? choice.calibration : evaluation?.campaigns?.find((one) => one.campaign === campaign)?.calibration;
    const isSame = found && JSON.stringify(found.spec) === JSON.stringify(spec);
    const isOne = config.campaigns[campaign]?.by_cluster === undefined;
    return { campaign, calibration: config.calibrate && isOne && isSame ? found : null };
  });
}
