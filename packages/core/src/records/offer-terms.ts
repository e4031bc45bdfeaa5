/** Most offers that a customer may be made. */
export const mostOffers = 10;
/** Values of offers: 0, or as 32-bit floats hold them, with room for probabilities, sums and differences. */
const [leastValue, mostValue] = [1e-30, 1e30];

/** Whether an accepted offer can be worth so much. */
export function isOfferValue(value: number): boolean {
  return value === 0 || (value >= leastValue && value <= mostValue);
}

/** The values that there can be, in words. */
export const offerValueText = `0, or from ${leastValue} to ${mostValue}`;

/** Name of the customers who are in no variant of the decisions. */
export const baseName = 'base';
