/** How much of the catalogue of products the lists use. */
export interface CatalogueUse {
  /** Share of the products on sale that are in at least one list. */
  coverage: number;
  /** Mean popularity rank of the listed products, where 1 is the most popular. A larger mean stands for less popular products. */
  meanPopularityRank: number;
}

/**
 * Coverage and mean popularity rank of lists.
 * @param named number of lists that have each column, over all customers
 * @param onSale one byte per column: 1 if it can be recommended
 * @param popularity number of holders of each column in the training data. Columns with equal numbers rank by column number
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
