import { type BasketEntry, type KernelPool, type Model, tableFromRows } from '@basketwise/core';
import type { Holding } from './bank.ts';

/** A recommended product and why. */
export interface Recommendation {
  key: string;
  score: number;
  /** What everybody's score has of it. */
  baseline: number;
  /** By held product, largest first; they and the baseline sum to the score within 1e-5 relative. */
  contributions: readonly { key: string; value: number }[];
}

/** What to recommend, and to whom. */
export interface RecommendRequest {
  holdings: readonly Holding[];
  /** Length of the list. */
  n: number;
  /** Products that may be recommended. */
  allowed: readonly string[];
  /** Recency bands of holdings: pseudo-products have the band after them. */
  bands: number;
}

/** A basket in a model's columns: holdings that it knows, and the pseudo-products that everybody holds. */
function modelBasket(model: Model, { holdings, bands }: Pick<RecommendRequest, 'holdings' | 'bands'>): BasketEntry[] {
  const columnOf = new Map(model.columns.map((key, column) => [key, column]));
  const held = holdings.flatMap(({ key, band }) => {
    const column = columnOf.get(key);
    return column === undefined ? [] : [{ column, band }];
  });
  const first = model.columns.length - model.pseudoColumns;
  return [...held, ...Array.from({ length: model.pseudoColumns }, (_, i) => ({ column: first + i, band: bands + i }))];
}

/** The best products for one basket, each with its exact explanation. The same function, in the page and in Node. */
export async function recommend(pool: KernelPool, model: Model, request: RecommendRequest): Promise<Recommendation[]> {
  const { memory } = pool;
  const mark = memory.mark();
  try {
    const basket = modelBasket(model, request);
    const table = tableFromRows(memory, model.columns, [{ entries: basket }], model.pseudoColumns);
    const wanted = new Set(request.allowed);
    const allowed = Uint8Array.from(model.columns, (key) => (wanted.has(key) ? 1 : 0));
    const lists = await model.topN({ pool, table, range: { from: 0, to: 1 }, n: request.n, allowed });
    const count = memory.u32(lists.count, 1)[0]!;
    const columns = [...memory.u32(lists.column, count)];
    const scores = [...memory.f32(lists.score, count)];
    return columns.map((column, rank) => {
      const explanation = model.explain(basket, column);
      return {
        key: model.columns[column]!,
        score: scores[rank]!,
        baseline: explanation?.baseline ?? 0,
        contributions: (explanation?.contributions ?? []).map(({ column, value }) => ({ key: model.columns[column]!, value })),
      };
    });
  } finally {
    memory.release(mark);
  }
}
