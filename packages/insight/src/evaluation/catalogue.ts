/** Coverage of the catalogue by lists, from the number of lists with each product (column). */
export interface CatalogueUse {
  /** Share of the products on sale that are in at least one list. */
  coverage: number;
  /** Mean popularity rank of the listed products: 1 is the most popular. Larger: more of the tail. */
  meanPopularityRank: number;
}

/**
 * Coverage and mean popularity rank of lists.
 * @param named number of lists with each column, over all customers.
 * @param onSale one byte per column: 1 if it may be recommended.
 * @param popularity holders of each column in the training data; ties are broken by the lower column.
 */
export function catalogueUse(named: Float64Array, onSale: Uint8Array, popularity: Float64Array): CatalogueUse {
  const order = Array.from(popularity.keys()).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  const rank = new Float64Array(order.length);
  for (const [i, column] of order.entries()) rank[column] = i + 1;
  let [products, covered, total, ranks] = [0, 0, 0, 0];
  for (const [column, count] of named.entries()) {
    if (onSale[column] !== 1) continue;
    products++;
    if (count > 0) covered++;
    total += count;
    ranks += count * rank[column]!;
  }
  return { coverage: products === 0 ? 0 : covered / products, meanPopularityRank: total === 0 ? Number.NaN : ranks / total };
}
