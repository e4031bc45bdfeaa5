/** Most offers per customer. */
export const mostOffers = 10;
/** Range of values of offers: 0, or normal 32-bit floats, with room for probabilities, sums and differences. */
const [leastValue, mostValue] = [1e-30, 1e30];

/** Whether an accepted offer can have this value. */
export function isOfferValue(value: number): boolean {
  return value === 0 || (value >= leastValue && value <= mostValue);
}

/** The allowed values, as a phrase. */
export const offerValueText = `0, or from ${leastValue} to ${mostValue}`;

/** Name of the variant of customers outside all variants of the decisions. */
export const baseName = 'base';
