/** Limits of a feature's bands: their number, and the number of bounds if these are listed. */
export const bandLimits = { fewest: 2, most: 50, mostBounds: 100 } as const;
