/** Sums over a group of list entries: number of entries, of purchases, and sum of the probabilities. */
export interface EntryGroup {
  pairs: number;
  bought: number;
  expected: number;
}

/**
 * Parts of a Brier score (Murphy, 1973): score = reliability - resolution + r (1 - r), with r the share of purchases of all entries.
 * The equation is exact if all entries of a group have the same probability.
 */
export interface BrierParts {
  /** Mean over entries of (mean probability of the group - share of purchases of the group)^2; 0 is best. */
  reliability: number;
  /** Mean over entries of (share of purchases of the group - share of purchases of all entries)^2; greater is better. */
  resolution: number;
}

/** Decomposes the Brier score of some groups of entries, with the mean probability of each group. All parts are 0 without entries. */
export function brierParts(groups: readonly EntryGroup[]): BrierParts {
  const sum = (of: keyof EntryGroup) => groups.reduce((total, group) => total + group[of], 0);
  const pairs = sum('pairs');
  if (pairs === 0) return { reliability: 0, resolution: 0 };
  const rate = sum('bought') / pairs;
  const mean = (of: (group: EntryGroup) => number) =>
    groups.reduce((total, group) => total + (group.pairs === 0 ? 0 : group.pairs * of(group)), 0) / pairs;
  return {
    reliability: mean((group) => ((group.expected - group.bought) / group.pairs) ** 2),
    resolution: mean((group) => (group.bought / group.pairs - rate) ** 2),
  };
}
