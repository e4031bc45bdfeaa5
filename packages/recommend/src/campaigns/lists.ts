/** Lists of the rows of a table. The entries of row r are `start[r]` to `start[r + 1] - 1`. */
export interface Lists {
  start: Uint32Array;
  /** Product number of each entry. */
  product: Int32Array;
  score: Float32Array;
  /** Source of each entry, as a position in `sourcesOf`. */
  source: Uint8Array;
  /** Reason of each entry, as a position among the reasons: the largest contribution to the score. */
  reason: Int32Array;
}

/** Lists without the reasons. */
export type ScoredLists = Pick<Lists, 'start' | 'product' | 'score' | 'source'>;
