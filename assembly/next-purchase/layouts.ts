// Records of the parts of next-purchase, and of the choices that its weights are learned from.

/** Term from counts of exact baskets, log(1 + count / (prior share)), times the weight of the row's tier. */
@unmanaged
export class CountedPart {
  /** Weights, f64[tiers]. */
  weights: u32;
  /** Address of the prior strength, f64. */
  prior: u32;
  /**
   * Shares, f64[lines x width], in the model's columns. With several lines, the first is for all customers, the others for each
   * band of the newest holding.
   */
  shares: u32;
  lines: u32;
  width: u32;
  /**
   * Number of products, which are the first columns. If baskets differ by the recency band of the newest holding, this plus the
   * band is a member of the set.
   */
  products: u32;
  byRecency: u32;
  /** Counts as in a step, in the model's columns. */
  mask: u32;
  slots: u32;
  counts: u32;
  /** Candidate of each column, u32[width], or all ones. */
  candidateOf: u32;
}

/** Choices of the customers of a window, by set of candidates: next-purchase/choices.ts. */
@unmanaged
export class StoredChoices {
  /** Number of sets; u32[sets + 1], start of each set's candidates. */
  sets: u32;
  start: u32;
  /** u32[candidates]; f64[candidates + 1 x stride], stride even: scores by component. */
  product: u32;
  score: u32;
  stride: u32;
  /** Candidates of the largest set, rounded up to pairs. */
  room: u32;
  /** u32[sets + 1], start of each set's cells; u32[cells], class of features; f64[cells], number of choices. */
  cellStart: u32;
  classOf: u32;
  total: u32;
  /** u32[cells + 1], start of each cell's chosen candidates; u32, position in the set; f64, number of choices. */
  chosenStart: u32;
  chosen: u32;
  times: u32;
}

/** Parts of utilities, and addresses of expectations: next-purchase/choices.ts. */
@unmanaged
export class ChoiceTerms {
  /** f64[stride], weights of components; u32, byte offsets of the pairs of components whose weights are not both 0. */
  weight: u32;
  used: u32;
  /** f64[classes x products]: see `classEffects`. */
  products: u32;
  shift: u32;
  exponentialOf: u32;
  /** f64[stride] and f64[classes x products]: added to. */
  ofMembers: u32;
  ofClasses: u32;
}
