/** Candidates of the holders of one basket, and the components' scores of each. */
export interface ChoiceSet {
  /** Product of each candidate, 0 to products - 1. */
  products: Uint32Array;
  /** Scores, f64[candidates x components], row-major. */
  scores: Float64Array;
  /** Tier of the holders of the basket (see `tierOf`). Default 0. */
  tier?: number;
}

/** Choices of the customers with one basket and one class of features. */
export interface ChoiceCell {
  /** Position of the choice set in the window. */
  set: number;
  /** Level of each feature, counted over all features; empty without features. A customer may have no level of a feature. */
  levels: readonly number[];
  /** Number of choices of each candidate in weighted customers, f64[candidates]. */
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
  /** Share of the customers with each level. Effects are centred by these shares. Shares of 0 leave the effects as they are. */
  shares: readonly number[];
}

/** Training data of a conditional logit. */
export interface ChoiceProblem {
  windows: readonly ChoiceWindow[];
  members: number;
  /** Number of products with separate effects of features. */
  products: number;
  features: readonly LevelRange[];
}
