import type { ListsOfRange, Model, PreparedRequest } from '@basketwise/core/parts';

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

/** Lists of a model for ranges of rows. What they share is in the request's memory until the caller releases it. */
export function preparedLists(model: Model, request: PreparedRequest): ListsOfRange {
  return model.prepare?.(request) ?? ((range) => model.topN({ ...request, range }));
}
