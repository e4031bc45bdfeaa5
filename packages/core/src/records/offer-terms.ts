/** Most offers per customer. */
export const mostOffers = 10;
/** Range of offer values other than 0: normal 32-bit floats, with room for probabilities, sums and differences. */
const [leastValue, mostValue] = [1e-30, 1e30];

/** Whether an accepted offer can have this value. */
export function isOfferValue(value: number): boolean {
  return value === 0 || (value >= leastValue && value <= mostValue);
}

/** Allowed values, as a phrase. */
export const offerValueText = `0, or from ${leastValue} to ${mostValue}`;

/** Name of the variant of all customers outside the other variants. */
export const baseName = 'base';
