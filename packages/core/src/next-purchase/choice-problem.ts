/** Candidates for holders of one basket, and the components' scores of each. */
export interface ChoiceSet {
  /** Product of each candidate, 0 .. products - 1. */
  products: Uint32Array;
  /** f64[candidates x components], row-major. */
  scores: Float64Array;
  /** Tier of the holders of the basket (see `tierOf`); default 0. */
  tier?: number;
}

/** The choices of customers with one basket and one class of features. */
export interface ChoiceCell {
  /** Position of its choice set in the window. */
  set: number;
  /** Levels of the customers, one of each feature, counted over all features; empty without features. */
  levels: readonly number[];
  /** f64[candidates]: number of choices of each, in weighted customers. */
  taken: Float64Array;
}

/** Choices made in one window. */
export interface ChoiceWindow {
  sets: readonly ChoiceSet[];
  cells: readonly ChoiceCell[];
}

/** A feature's levels, by number over all features: `first` .. `first + shares.length - 1`. */
export interface LevelRange {
  first: number;
  /** Share of the customers with each level: effects are centred by them. */
  shares: readonly number[];
}

/** Training data of a conditional logit. */
export interface ChoiceProblem {
  windows: readonly ChoiceWindow[];
  members: number;
  /** Products with separate effects of features. */
  products: number;
  features: readonly LevelRange[];
}
