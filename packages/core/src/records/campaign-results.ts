/** Top-N lists of units, unit by unit (customers of one share its list): rows `start[u]` .. `start[u + 1] - 1` are unit u's, in rank order. All row arrays have one length. */
export interface UnitRecommendations {
  /** Units + 1 offsets. */
  start: Uint32Array;
  /** Position of the product among the bank's. */
  product: Int32Array;
  score: Float32Array;
  /** NaN: null. Absent: null everywhere. */
  probability?: Float32Array | undefined;
  /** Index into `sources`. */
  source: Uint8Array;
  sources: readonly string[];
  /** Cluster of each unit, one per unit; -1: null. Absent: null everywhere. */
  cluster?: Int32Array | undefined;
  /** Index into `reasons` per row; -1: null. Absent: null everywhere. */
  reason?: Int32Array | undefined;
  reasons?: readonly string[] | undefined;
  /** Index into `arms` per row. Of offers alone. */
  arm?: Uint8Array | undefined;
  arms?: readonly string[] | undefined;
}

/** One campaign's recommendations. */
export interface CampaignResults {
  campaign: string;
  /** Unit of each customer of the bank, -1 where they are no target or not served. */
  unit: Int32Array;
  units: UnitRecommendations;
  /** Who `unit` is about, where not the bank's customers: a relation with `customer` (0, 1, ...) and `id`. */
  ids?: string;
}
