/** Candidates for the customers with one basket, and the score of each candidate by each component. */
export interface ChoiceSet {
  /** Product number of each candidate, 0 to products - 1. */
  products: Uint32Array;
  /** Scores, f64[candidates x components], row-major. */
  scores: Float64Array;
  /** Tier of the customers with the basket (see `tierOf`). Default 0. */
  tier?: number;
}

/** Choices of the customers with one basket and one combination of feature levels. */
export interface ChoiceCell {
  /** Position of the choice set in the window. */
  set: number;
  /** Feature levels of the customers, numbered over all features: at most one level per feature. Empty without features. */
  levels: readonly number[];
  /** Number of choices of each candidate, as a sum of customer weights, f64[candidates]. */
  taken: Float64Array;
}

/** Choices made in one window. */
export interface ChoiceWindow {
  sets: readonly ChoiceSet[];
  cells: readonly ChoiceCell[];
}

/** Levels of a feature, numbered over all features: `first` to `first + shares.length - 1`. */
export interface LevelRange {
  first: number;
  /** Share of the customers with each level. Effects are centred on their mean under these shares; shares of 0 leave them unchanged. */
  shares: readonly number[];
}

/** Training data of a conditional logit. */
export interface ChoiceProblem {
  /** Windows in which the choices were made. */
  windows: readonly ChoiceWindow[];
  members: number;
  /** Number of products with separate effects of features. */
  products: number;
  features: readonly LevelRange[];
}
