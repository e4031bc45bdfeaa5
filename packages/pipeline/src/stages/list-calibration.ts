import { type CampaignCalibration, isNextProduct, type NextProductCalibration } from '@basketwise/recommend';

/** Calibration of a campaign's lists: of purchases within a window, or without dates of the next product. Null: too few customers to fit it on. */
export type ListCalibration = CampaignCalibration | NextProductCalibration | null;

/** Calibrations of purchases within a window. */
export function calibrationsOfWindow(calibrations: readonly ListCalibration[]): CampaignCalibration[] {
  return calibrations.filter((one): one is CampaignCalibration => one !== null && !isNextProduct(one));
}

/** Warnings about campaigns whose lists have no probabilities, because too few customers could have a product held out. */
export function uncalibratedWarnings(calibrations: readonly ListCalibration[], names: readonly string[]): string[] {
  const few = names.filter((_, i) => calibrations[i] === null);
  return few.map((name) => `campaigns.${name}: probability is null: too few targets hold two products, of which one is held out`);
}
