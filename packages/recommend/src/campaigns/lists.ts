import type { ListsOfRange, Model, PreparedRequest } from '@basketwise/core/parts';

/** Lists of the rows of a basket table. Row r has the entries `start[r]` to `start[r + 1] - 1`. */
export interface Lists {
  start: Uint32Array;
  /** Product number of each entry. */
  product: Int32Array;
  score: Float32Array;
  /** Source of each entry: its position in the names of `sourcesOf`. */
  source: Uint8Array;
  /** Reason of each entry, the largest contribution to its score: its position in the reasons' texts. */
  reason: Int32Array;
}

/** Lists without reasons. */
export type ScoredLists = Pick<Lists, 'start' | 'product' | 'score' | 'source'>;

/**
 * Returns a function that makes a model's lists for a range of rows. Terms shared by all ranges stay in kernel memory until the caller releases them.
 */
export function preparedLists(model: Model, request: PreparedRequest): ListsOfRange {
  return model.prepare?.(request) ?? ((range) => model.topN({ ...request, range }));
}
