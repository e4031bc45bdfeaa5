/** Lists of the rows of a table: row r's entries are `start[r]` .. `start[r + 1] - 1`. */
export interface Lists {
  start: Uint32Array;
  /** Position of the product among the bank's. */
  product: Int32Array;
  score: Float32Array;
  /** Position in `sourcesOf`. */
  source: Uint8Array;
  /** Position among the reasons of the largest contribution to the score. */
  reason: Int32Array;
}

/** Lists without the reasons. */
export type ScoredLists = Pick<Lists, 'start' | 'product' | 'score' | 'source'>;
