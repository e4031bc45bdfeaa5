import type { BasketEntry } from '../baskets/basket-table.ts';
import type { ScoreRequest, TopN } from '../baskets/topn-lists.ts';
import { topNByFoldIn } from '../models/scored-model.ts';
import type { AdditiveTerms } from './next-purchase-model.ts';
import type { Context } from './row-contexts.ts';

/** Lists of a next-purchase model. */
export function scoreNextPurchase(
  { columns }: AdditiveTerms,
  foldIn: (basket: readonly BasketEntry[], context?: Context) => Float64Array,
  request: ScoreRequest,
): Promise<TopN> {
  return topNByFoldIn({ columns, foldIn }, request);
}
