// Records and constants of k-means clustering.

/** Rows to cluster. */
@unmanaged
export class PointRows {
  /**
   * numeric f32[rows x d]: numbers of each row. codes u16[rows x c]: its categories, numbered over all columns.
   * weight f64[rows]: weight of each row; address 0: all weights are 1.
   */
  numeric: u32;
  codes: u32;
  weight: u32;
  /** Number of numeric columns, of categorical columns, and of categories over all columns. */
  d: u32;
  c: u32;
  categories: u32;
}

/** Centres, and the rows' labels and bounds (see clusters/kmeans.ts). */
@unmanaged
export class ClusterRun {
  /**
   * label u16[rows]: cluster of each row. upper f32[rows]: upper bound on the distance to the row's centre.
   * lower f32[rows]: lower bound on the distance to the second nearest centre.
   */
  label: u32;
  upper: u32;
  lower: u32;
  /** Number of centres k, and kp: k rounded up to a multiple of 4. */
  k: u32;
  kp: u32;
  /** Numbers of the centres, f64[d x kp]; cost of each category at each centre, f64[categories x kp]. */
  centres: u32;
  costs: u32;
  /** CentreMove[k]; scales of the fixed-point sums, f64[d + 1]: one for each number, then one for weights. */
  moves: u32;
  scales: u32;
}

/** Move of a centre since the last assignment, as a distance (not squared). */
@unmanaged
export class CentreMove {
  /** Distance between the old and the new position of the centre. */
  own: f64;
  /** Greatest move of any other centre. */
  others: f64;
  /** Half the distance to the nearest other centre. */
  halfGap: f64;
}

/** Label of a row without a cluster. */
export const noLabel: u32 = 0xffff;
/** Number of rows whose bounds are updated before the distances of the undecided rows are computed. Their bounds fit the first-level cache. */
export const openStretch: u32 = 1024;
