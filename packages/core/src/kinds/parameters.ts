/** Parameters shared by several kinds. Each kind sets its own default. */

/** Number of factors of a factorization. */
export const factors = { is: 'whole', from: 1, to: 256, about: 'Length of the vectors of customers and products.' } as const;
export const regularization = { is: 'number', from: 0, about: 'Ridge: strength of the pull of all parameters to 0.' } as const;
export const constant = {
  is: 'number',
  from: 0,
  usual: 1,
  about: 'Weight of the constant pseudo-product that each customer holds, the item bias; 0: none.',
} as const;
export const iterations = { is: 'whole', from: 0, to: 1000, about: 'Passes over the training data.' } as const;
/**
 * Strength of shrinkage, as a number of customers. Small counts are shrunk to the shares of all customers, and counts of exact
 * baskets to the shares of the base model.
 */
export const prior = {
  is: 'number',
  above: 0,
  usual: 10,
  about: 'Number of customers that the prior counts as: it pulls small counts to those of all customers, or to `base`.',
} as const;
/** Number of months before the date: only purchases in these months are counted. */
export const within = {
  is: 'whole',
  from: 1,
  to: 12,
  usual: 12,
  quiet: true,
  about: 'Months before the date whose purchases count.',
} as const;
export const seed = { is: 'whole', from: 0, to: 2 ** 32 - 1, usual: 0, about: 'Seed of the random draws.' } as const;
/** Largest number of customers that tuning uses. A bank with more customers is sampled. */
export const sample = {
  is: 'whole',
  from: 100,
  to: 2 ** 31 - 1,
  usual: 100_000,
  about: 'Approximate number of customers to learn weights from; all customers of a smaller bank.',
} as const;
