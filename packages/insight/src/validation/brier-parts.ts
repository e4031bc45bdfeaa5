/** A group of list entries: their number, purchases, and the sum of their probabilities. */
export interface EntryGroup {
  pairs: number;
  bought: number;
  expected: number;
}

/** Parts of a Brier score (Murphy, 1973): score = reliability - resolution + uncertainty, if all entries of a group share a probability. */
export interface BrierParts {
  /** Mean squared difference of probability and share of purchases over groups, weighted by entries; 0 is best. */
  reliability: number;
  /** Mean squared difference of a group's share of purchases from that of all; more is better. */
  resolution: number;
  /** Variance of a purchase: rate x (1 - rate). */
  uncertainty: number;
}

/** Decomposes the Brier score of groups of entries, each by its mean probability. Zeros without entries. */
export function brierParts(groups: readonly EntryGroup[]): BrierParts {
  const sum = (of: keyof EntryGroup) => groups.reduce((total, group) => total + group[of], 0);
  const pairs = sum('pairs');
  if (pairs === 0) return { reliability: 0, resolution: 0, uncertainty: 0 };
  const rate = sum('bought') / pairs;
  const mean = (of: (group: EntryGroup) => number) =>
    groups.reduce((total, group) => total + (group.pairs === 0 ? 0 : group.pairs * of(group)), 0) / pairs;
  return {
    reliability: mean((group) => ((group.expected - group.bought) / group.pairs) ** 2),
    resolution: mean((group) => (group.bought / group.pairs - rate) ** 2),
    uncertainty: rate * (1 - rate),
  };
}
