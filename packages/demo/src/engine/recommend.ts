import type { FittedModel, HeldProduct } from '@basketwise/core';
import type { Holding } from './bank.ts';

/** A recommended product and why. */
export interface Recommendation {
  key: string;
  score: number;
  /** The part of it that everybody's score has. */
  baseline: number;
  /** By held product, largest first; they and the baseline sum to the score within 1e-5 relative. */
  contributions: readonly { key: string; value: number }[];
}

/** Products that may be recommended, and to whom. */
export interface RecommendRequest {
  holdings: readonly Holding[];
  /** Length of the list. */
  n: number;
  /** Products that may be recommended. */
  allowed: readonly string[];
  /** Recency bands of holdings: pseudo-products have the band after them. */
  bands: number;
}

/** Products that a basket holds, and the pseudo-products that everybody holds. */
function heldProducts({ model }: FittedModel, { holdings, bands }: RecommendRequest): HeldProduct[] {
  const everybodys = model.columns.slice(model.columns.length - model.pseudoColumns);
  return [
    ...holdings.map(({ key, band }) => ({ product: key, band })),
    ...everybodys.map((product, i) => ({ product, band: bands + i })),
  ];
}

/** The best products for one basket, each with its exact explanation. The same function, in the page and in Node. */
export function recommend(model: FittedModel, request: RecommendRequest): Recommendation[] {
  const held = heldProducts(model, request);
  return model.recommendFor(held, { n: request.n, among: request.allowed }).map(({ product, score }) => {
    const why = model.explain(held, product);
    const contributions = why?.contributions ?? [];
    return {
      key: product,
      score,
      baseline: why?.baseline ?? 0,
      contributions: contributions.map(({ product: key, value }) => ({ key, value })),
    };
  });
}
