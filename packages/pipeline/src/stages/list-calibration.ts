import { type CampaignCalibration, isNextProduct, type NextProductCalibration } from '@basketwise/recommend';

/**
 * Calibration of the probabilities in a campaign's lists. They are probabilities of a purchase within a window or, if holdings
 * have no dates, of the next product. Null: too few customers to fit a calibration.
 */
export type ListCalibration = CampaignCalibration | NextProductCalibration | null;

/** Calibrations of the probability of a purchase within a window. */
export function calibrationsOfWindow(calibrations: readonly ListCalibration[]): CampaignCalibration[] {
  return calibrations.filter((one): one is CampaignCalibration => one !== null && !isNextProduct(one));
}

/** Warnings about campaigns whose lists have no probabilities. Too few of their target customers hold a second product that can be held out. */
export function uncalibratedWarnings(calibrations: readonly ListCalibration[], names: readonly string[]): string[] {
  const few = names.filter((_, i) => calibrations[i] === null);
  return few.map((name) => `campaigns.${name}: probability is null: too few targets hold two products, of which one is held out`);
}
