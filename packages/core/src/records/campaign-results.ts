/**
 * Top-N lists of basket rows, row by row (customers of one share its list): entries `start[u]` .. `start[u + 1] - 1` belong to basket row
 * u, in rank order. All entry arrays have one length.
 */
export interface UnitRecommendations {
  /** Basket rows + 1 offsets. */
  start: Uint32Array;
  /** Position of the product among the bank's. */
  product: Int32Array;
  score: Float32Array;
  /** NaN: null. Absent: null everywhere. */
  probability?: Float32Array | undefined;
  /** Index into `sources`. */
  source: Uint8Array;
  sources: readonly string[];
  /** Cluster of each basket row; -1: null. Absent: null everywhere. */
  cluster?: Int32Array | undefined;
  /** Index into `reasons` per row; -1: null. Absent: null everywhere. */
  reason?: Int32Array | undefined;
  reasons?: readonly string[] | undefined;
  /** Index into `arms` per row. Only for offers. */
  arm?: Uint8Array | undefined;
  arms?: readonly string[] | undefined;
}

/** One campaign's recommendations. */
export interface CampaignResults {
  campaign: string;
  /** Basket row of each customer of the bank, -1 for customers outside the target group or not served. */
  unit: Int32Array;
  units: UnitRecommendations;
  /** Customers of `unit` if not the bank's: a relation with `customer` (0, 1, ...) and `id`. */
  ids?: string;
}
