import { centresMethod } from './centres.ts';

/** Means of numbers, shares of categories (Huang 1998): a category's cost is its rarity in the cluster. */
export const kprototypes = centresMethod('kprototypes', 'native');
