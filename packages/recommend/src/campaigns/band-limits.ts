/** Limits of a feature's bands. `fewest` and `most`: number of bands of about equal size. `mostBounds`: length of a list of bounds. */
export const bandLimits = { fewest: 2, most: 50, mostBounds: 100 } as const;
