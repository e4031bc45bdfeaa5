// Records of a fit of ALS.

/** Rows of a table that an ALS fit can be trained on. */
@unmanaged
export class AlsSource {
  /** u32[rows + 1]; u32[entries], packed. */
  start: u32;
  entry: u32;
  /** u32[rows]; f32[rows], or 0: the multiplicity. */
  multiplicity: u32;
  weight: u32;
}

/** Item matrices of ALS: als/factors.ts. Products and width are padded to multiples of 8. */
@unmanaged
export class AlsMatrices {
  products: u32;
  width: u32;
  factors: u32;
  /** Y f64[products x width], A f64[width x width], Z f64[products x width], K f64[products x products]. */
  y: u32;
  a: u32;
  z: u32;
  hat: u32;
}

/** Training rows of an ALS fit, and their sums: als/rows.ts, als/customers.ts. */
@unmanaged
export class AlsRows {
  /** The table; u32 and f32[long rows], table row and weight of each; X f64[long rows x width]. */
  start: u32;
  entry: u32;
  longRow: u32;
  longWeight: u32;
  x: u32;
  /** f64[256]. */
  confidence: u32;
  /** Short rows by product, and the plan of its sums: indexAlsRows, planAlsItem. */
  columnStart: u32;
  place: u32;
  band: u32;
  set: u32;
  words: u32;
  neighbours: u32;
  /** Long rows by product: indexAlsLongRows. */
  longStart: u32;
  longPlace: u32;
  /** Results of alsCustomerSquare. */
  square: u32;
  short: u32;
}

/** Counts of the rows of an ALS fit that are solved in one form. */
@unmanaged
export class AlsRowCounts {
  rows: u32;
  entries: u32;
}
