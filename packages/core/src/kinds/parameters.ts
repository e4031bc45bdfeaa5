/** Parameters that several kinds have; each gives its own usual value. */

/** Width of the vectors of a factorization. */
export const factors = { is: 'whole', from: 1, to: 256 } as const;
export const regularization = { is: 'number', from: 0 } as const;
/** Weight of the constant pseudo-product (the item bias); 0: none. */
export const constant = { is: 'number', from: 0, usual: 1 } as const;
export const iterations = { is: 'whole', from: 0, to: 1000 } as const;
/** Pseudo-customers: how much a small count leans on all customers, or an exact basket on its base. */
export const prior = { is: 'number', above: 0, usual: 10 } as const;
/** Months before the date whose acquisitions are counted. */
export const within = { is: 'whole', from: 1, to: 12, usual: 12, quiet: true } as const;
export const seed = { is: 'whole', from: 0, to: 2 ** 32 - 1, usual: 0 } as const;
/** Customers that a choice looks at: all of a smaller bank. */
export const sample = { is: 'whole', from: 100, to: 2 ** 31 - 1, usual: 100_000 } as const;
