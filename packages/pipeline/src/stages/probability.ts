import { join } from 'node:path';
import { z } from 'zod';
import type { CampaignTraining } from '../campaigns/saved-models.ts';
import { planCampaigns } from '../config/campaign-plan.ts';
import { settingsPath } from '../config/load.ts';
import type { CampaignCalibration } from '../evaluation/calibrate-side.ts';
import { calibrationScope } from '../evaluation/calibration-scope.ts';
import type { CampaignChoice } from '../evaluation/campaign-choice.ts';
import { readShaped } from '../run/files.ts';
import type { Workshop } from './workshop.ts';

const curve = z.discriminatedUnion('method', [
  z
    .object({ method: z.literal('isotonic'), scores: z.array(z.number()).min(1), probabilities: z.array(z.number()) })
    .refine(({ scores, probabilities }) => scores.length === probabilities.length),
  z.object({ method: z.literal('platt'), slope: z.number(), intercept: z.number() }),
]);

/** What of evaluation.json is read. */
const evaluated = z.object({
  campaigns: z.array(
    z.object({
      campaign: z.string(),
      calibration: z
        .custom<CampaignCalibration>(
          (value) => z.object({ spec: z.unknown(), scope: z.string().optional(), calibration: curve }).safeParse(value).success,
        )
        .nullish(),
    }),
  ),
});

/** The calibration that a campaign's scores are turned into probabilities by; null: there is none for this very model. */
export interface UsedCalibration {
  campaign: string;
  calibration: CampaignCalibration | null;
}

/**
 * The calibrations of a run: an automatic model's from its choice, else that of the latest evaluation, if it calibrated a model with the same
 * parameters, of the same plan, columns, recency, groups of products and training. Campaigns with a model per cluster have none, as one model of all was evaluated: never a probability from another model.
 */
export async function runCalibrations(
  workshop: Workshop,
  trainings: readonly Pick<CampaignTraining, 'campaign' | 'spec'>[],
  choices: readonly CampaignChoice[],
): Promise<UsedCalibration[]> {
  const { config } = workshop.settings;
  const evaluation = config.calibrate
    ? await readShaped(join(settingsPath(workshop.settings, config.output.dir), 'evaluation.json'), evaluated, (problem) =>
        workshop.warn(`${problem}: it counts as absent`),
      )
    : undefined;
  const plans = planCampaigns(config);
  return trainings.map(({ campaign, spec }) => {
    const choice = choices.find((one) => one.campaign === campaign);
    const found = choice ? choice.calibration : evaluation?.campaigns?.find((one) => one.campaign === campaign)?.calibration;
    const plan = plans.find(({ name }) => name === campaign)!;
    const isSame = found && JSON.stringify(found.spec) === JSON.stringify(spec) && found.scope === calibrationScope(config, plan);
    const isOne = config.campaigns[campaign]?.by_cluster === undefined;
    const used = config.calibrate && isOne && isSame ? found : null;
    if (used?.quality && used.quality.brier > used.quality.brierOfRate) {
      const scores = `Brier score ${used.quality.brier.toPrecision(3)} against ${used.quality.brierOfRate.toPrecision(3)}`;
      workshop.warn(`campaigns.${campaign}: probabilities predict purchases no better than the rate of all would (${scores})`);
    }
    return { campaign, calibration: used };
  });
}
