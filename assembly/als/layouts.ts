// Records of a fit of ALS.

/** Rows of a table that an ALS fit can be trained on. */
@unmanaged
export class AlsSource {
  /** Start of each row's entries, u32[rows + 1]; packed entries (column << 8 | recency band), u32[entries]. */
  start: u32;
  entry: u32;
  /** Multiplicity of each row, u32[rows]; training weight of each row, f32[rows] (address 0: the multiplicity is the weight). */
  multiplicity: u32;
  weight: u32;
}

/** Item matrices of ALS (see als/factors.ts). The fields products and width are the padded numbers of products and factors. */
@unmanaged
export class AlsMatrices {
  products: u32;
  width: u32;
  factors: u32;
  /** Addresses of Y f64[products x width], A f64[width x width], Z f64[products x width] and K f64[products x products]. */
  y: u32;
  a: u32;
  z: u32;
  hat: u32;
}

/** Training rows of an ALS fit, and their sums (see als/rows.ts and als/customers.ts). */
@unmanaged
export class AlsRows {
  /**
   * Table: start u32[rows + 1], entry u32[entries]. Long rows: table row u32[long rows], weight f32[long rows], and factors
   * X f64[long rows x width].
   */
  start: u32;
  entry: u32;
  longRow: u32;
  longWeight: u32;
  x: u32;
  /** Confidence of each recency band, f64[256]. */
  confidence: u32;
  /** Short rows of each product (see indexAlsRows), and the plan of the product's sums (see planAlsItem). */
  columnStart: u32;
  place: u32;
  band: u32;
  set: u32;
  words: u32;
  neighbours: u32;
  /** Long rows of each product (see indexAlsLongRows). */
  longStart: u32;
  longPlace: u32;
  /** X'X, and the sums over short rows (see alsCustomerSquare). */
  square: u32;
  short: u32;
}

/** Number of short rows, or of long rows, of an ALS fit, and number of their entries. */
@unmanaged
export class AlsRowCounts {
  rows: u32;
  entries: u32;
}
