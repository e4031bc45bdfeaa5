/** Largest number of offers per customer. */
export const mostOffers = 10;
/** Range of offer values other than 0. Their sums, differences and products with probabilities remain normal 32-bit floats. */
const [leastValue, mostValue] = [1e-30, 1e30];

/** Whether an accepted offer can have this value. */
export function isOfferValue(value: number): boolean {
  return value === 0 || (value >= leastValue && value <= mostValue);
}

/** Allowed offer values, as a phrase for messages. */
export const offerValueText = `0, or from ${leastValue} to ${mostValue}`;

/** Name of the experiment variant of all customers who are in no other variant. */
export const baseName = 'base';

/** For each campaign of an experiment's variant, the campaign that it replaces; all others stand for themselves. Limits count both as one. */
export function replacedCampaign(instead: Readonly<Record<string, string>> = {}): (campaign: string) => string {
  const replaced = new Map(Object.entries(instead).map(([campaign, replacement]) => [replacement, campaign]));
  return (campaign) => replaced.get(campaign) ?? campaign;
}
