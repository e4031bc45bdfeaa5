// Records of the next-purchase model: its terms from counts, and the choices from which its weights are learned.

/** Term from counts of exact baskets: weight of the customer tier x ln(1 + count / (prior x share)). See addCounts. */
@unmanaged
export class CountedPart {
  /** Weight of each customer tier, f64[tiers]. */
  weights: u32;
  /** Address of an f64: strength of the prior, in counts. */
  prior: u32;
  /**
   * Share of each of the model's columns, f64[lines x width]. Line 0 is for all customers.
   * With several lines, line b + 1 is for customers whose newest holding is in recency band b.
   */
  shares: u32;
  lines: u32;
  width: u32;
  /**
   * Number of products; they are the first columns. If byRecency is 1, the recency band of the newest holding is part of the basket:
   * the set then has the additional column products + band.
   */
  products: u32;
  byRecency: u32;
  /** Hash table of counts as in ScoreStep, in the model's columns. */
  mask: u32;
  slots: u32;
  counts: u32;
  /** Candidate of each column, u32[width]; `none` for a column that is no candidate. */
  candidateOf: u32;
}

/** Choices of the customers of a window, by choice set and cell (see next-purchase/choices.ts). */
@unmanaged
export class StoredChoices {
  /** Number of choice sets; start of each set's candidates, u32[sets + 1]. */
  sets: u32;
  start: u32;
  /** Product of each candidate, u32[candidates]; component scores, f64[(candidates + 1) x stride], stride even. */
  product: u32;
  score: u32;
  stride: u32;
  /** Number of candidates of the largest set, rounded up to even. */
  room: u32;
  /** Start of each set's cells, u32[sets + 1]; class of features of each cell, u32[cells]; number of its choices, f64[cells]. */
  cellStart: u32;
  classOf: u32;
  total: u32;
  /** Start of each cell's chosen candidates, u32[cells + 1]; position of each in its set, u32; number of its choices, f64. */
  chosenStart: u32;
  chosen: u32;
  times: u32;
}

/** Parts of utilities, and addresses of the expected choices (see next-purchase/choices.ts). */
@unmanaged
export class ChoiceTerms {
  /** Weight of each component, f64[stride]. */
  weight: u32;
  /** Components are processed in pairs. Byte offset, within `weight`, of each pair that has a weight other than 0, u32[pairs]. */
  used: u32;
  /** Number of products; shift and exp(shift), f64[classes x products] each (see classEffects). */
  products: u32;
  shift: u32;
  exponentialOf: u32;
  /** Gradient sums by component, f64[stride], and expected choices by class and product, f64[classes x products]: added to. */
  ofMembers: u32;
  ofClasses: u32;
}
