// Record of a fit of Bayesian personalised ranking.

/** Factors and rows of a fit of Bayesian personalised ranking. */
@unmanaged
export class BprFit {
  /** Start of each row's entries, u32[rows + 1], from the first row of the fit on; packed entries, ascending by column within a row. */
  start: u32;
  entry: u32;
  /** Running sum over rows of (weight of the row, a whole number, x number of its products), f64[rows]. Products are the columns below `products`. */
  cumulative: u32;
  rows: u32;
  products: u32;
  /** Number of factors (even); factors P and Q, f64[columns x width] each; bias of each column, f64[columns]. */
  width: u32;
  p: u32;
  q: u32;
  bias: u32;
}
