// Record of a fit of Bayesian personalised ranking.

/** Factors and rows of a fit of Bayesian personalised ranking. */
@unmanaged
export class BprFit {
  /** Basket table: u32[rows + 1], from the first row of the fit on, and packed entries ascending by column. */
  start: u32;
  entry: u32;
  /** f64[rows]: running sum of (row weight x products of the row), weights whole; products are the columns below `products`. */
  cumulative: u32;
  rows: u32;
  products: u32;
  /** Even; f64[columns x width] each; f64[columns]. */
  width: u32;
  p: u32;
  q: u32;
  bias: u32;
}
