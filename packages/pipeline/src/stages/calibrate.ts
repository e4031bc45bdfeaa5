import type { PlainDate } from '@basketwise/core';
import { writeJson } from '@basketwise/data/base';
import {
  type CampaignCalibration,
  type CampaignChoice,
  type CampaignVerdict,
  calibrateAt,
  calibrateNextProduct,
} from '@basketwise/recommend';
import { calibrates, planCampaigns, probabilityMeaning } from '../config/campaign-plan.ts';

import { choiceParts, choose } from './choose.ts';
import { cluster } from './cluster.ts';
import { featureParts } from './features.ts';
import type { ListCalibration } from './list-calibration.ts';
import { clusterParts, type Given, type StageInputs, withoutRules } from './made-of.ts';
import type { Stage } from './stage.ts';

/** File of a run with the calibration of each campaign's probabilities, if holdings have dates. */
const calibrationFile = 'calibration.json';

/** File of a run with the calibration of each campaign's probabilities, if holdings have no dates. */
const nextProductFile = 'next-product.json';

/**
 * Stage that learns the probabilities of list entries. It learns from the purchases of the newest window or, if holdings have no
 * dates, from held-out products. Writes calibration.json or next-product.json.
 */
export const calibrate: Stage<ListCalibration[]> = {
  name: 'calibrate',
  when: calibrates,
  without: [],
  madeOf: calibrationParts,
  async work({ context, site, plan: { settings } }, results) {
    const bank = await site.bank(results.of(cluster));
    const plans = planCampaigns(settings.config);
    const { summary: choices } = results.of(choose);
    const isDated = probabilityMeaning(settings.config) === 'window';
    const [file, learn] = isDated ? [calibrationFile, calibrateAt] : [nextProductFile, calibrateNextProduct];
    const summary = await learn(bank, plans, choices, context.referenceDate, await context.tools());
    await writeJson(context.folder.file(file), summary);
    return { files: [file], summary };
  },
};

/** Inputs of the calibration. It fits the campaigns' models again, without rules, to the data known before the newest window. */
export async function calibrationParts(given: Given): Promise<StageInputs> {
  const { config, campaigns } = given;
  const schemes = [...new Set(campaigns.flatMap(({ scheme }) => scheme ?? []))];
  return {
    ...(campaigns.some(({ spec }) => spec === null) ? await choiceParts(given) : {}),
    ...{ ...featureParts(given), recency: config.recency, evaluate: config.evaluate, fallback: config.fallback ?? null },
    ...{ top_n: config.top_n, campaigns: campaigns.map(({ name }) => name) },
    ...Object.fromEntries(campaigns.map((plan) => [`campaign ${plan.name}`, withoutRules(plan)])),
    ...(await clusterParts(schemes, given)),
  };
}

/**
 * Verdict on a campaign's lists in past windows. It comes from the choice of the campaign's model or, without a choice, from the calibration.
 */
export function verdictFor(
  campaign: string,
  choices: readonly CampaignChoice[],
  calibrations: readonly CampaignCalibration[],
): CampaignVerdict | null {
  const isIts = (one: { campaign: string }) => one.campaign === campaign;
  return choices.find(isIts)?.verdict ?? calibrations.find(isIts)?.verdict ?? null;
}

/** Warning that the bank has no purchase from which probabilities and models could be learned, or too few months for a forecast of sales. */
export function salesWarning(calibrations: readonly CampaignCalibration[], date: PlainDate): string[] {
  const isNothing = calibrations.length > 0 && calibrations.every(({ ofYear, bought }) => ofYear + bought === 0);
  const isYoung = calibrations.some(({ earlier }) => earlier === null);
  const what = `no purchase of a product of any campaign in the year before ${date}, by tables.holdings.date`;
  if (isNothing) return [`${what}: \`probability\`, and models that learn from purchases, rest on no purchase of this bank`];
  const young = `the dates of holdings begin less than six full months before ${date}`;
  return isYoung ? [`${young}: \`probability\` expects the sales of the newest window again, without a forecast`] : [];
}
