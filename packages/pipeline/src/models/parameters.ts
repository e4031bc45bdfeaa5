import { number, seed, whole } from '../values/schemas.ts';

/** Width of the vectors of a factorization. */
export const factors = whole(1, 256);
export const regularization = number.min(0, 'expected at least 0');
/** Weight of the constant pseudo-product (the item bias); 0: none. */
export const constant = number.min(0, 'expected at least 0');
export const iterations = whole(0, 1000);
/** Pseudo-customers: how much a small count leans on all customers, or an exact basket on its base. */
export const prior = number.positive('expected more than 0');
/** Months before the date whose acquisitions are counted. */
export const within = whole(1, 12);
export { seed };
