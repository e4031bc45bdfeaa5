// Records and constants of clusters.

/** Rows to cluster. */
@unmanaged
export class PointRows {
  /** f32[rows x d]; u16[rows x c], categories numbered across all columns; f64[rows], or 0: all 1. */
  numeric: u32;
  codes: u32;
  weight: u32;
  d: u32;
  c: u32;
  categories: u32;
}

/** Centres, and the rows' labels and bounds: clusters/kmeans.ts. */
@unmanaged
export class ClusterRun {
  /** u16[rows]; f32[rows]: bounds on the distance to the own and to the second nearest centre. */
  label: u32;
  upper: u32;
  lower: u32;
  /** Number of centres, and the same rounded up to a multiple of 4. */
  k: u32;
  kp: u32;
  /** f64[d x kp]; f64[categories x kp]. */
  centres: u32;
  costs: u32;
  /** CentreMove[k]; f64[d + 1], scales of the fixed-point sums. */
  moves: u32;
  scales: u32;
}

/** Move of a centre since the last assignment. */
@unmanaged
export class CentreMove {
  own: f64;
  /** Greatest move of any other centre. */
  others: f64;
  /** Half the distance to the nearest other centre. */
  halfGap: f64;
}

/** Label of a row without a cluster. */
export const noLabel: u32 = 0xffff;
/** Rows whose open ones are listed before their distances are measured. Their bounds stay in the first-level cache. */
export const openStretch: u32 = 1024;
