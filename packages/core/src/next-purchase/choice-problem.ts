/** Products that holders of one basket could have chosen, and what the members say of each. */
export interface ChoiceSet {
  /** Product of each candidate, 0 .. products - 1. */
  products: Uint32Array;
  /** f64[candidates x members], row-major. */
  scores: Float64Array;
  /** Tier of the holders of the basket (see `tierOf`); default 0. */
  tier?: number;
}

/** The choices of customers with one basket and one class of features. */
export interface ChoiceCell {
  /** Position of its choice set in the window. */
  set: number;
  /** Levels of the customers, one of each feature, counted over all features; none: no features are known. */
  levels: readonly number[];
  /** f64[candidates]: how often each was chosen, in weighted customers. */
  taken: Float64Array;
}

/** Choices that were made in one window. */
export interface ChoiceWindow {
  sets: readonly ChoiceSet[];
  cells: readonly ChoiceCell[];
}

/** A feature's levels, by number over all features: `first` .. `first + shares.length - 1`. */
export interface LevelRange {
  first: number;
  /** Share of the customers who have each level: effects are centred by them. */
  shares: readonly number[];
}

/** Choices to learn from. */
export interface ChoiceProblem {
  windows: readonly ChoiceWindow[];
  members: number;
  /** Products that effects of features are told apart by. */
  products: number;
  features: readonly LevelRange[];
}
