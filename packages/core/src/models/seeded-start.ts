import { codeOrder } from '../baskets/basket-order.ts';
import { fmix32 } from '../numbers/random.ts';

/**
 * Seeded random draw of the model format for (seed, product, factor), uniform in [-1, 1). A pure function, so that the order of
 * draws does not matter:
 *   fmix32(fmix32(fmix32(seed) + product) + factor)
 * Additions are modulo 2^32. The addend of the product is multiplied by 0x9e3779b9, that of the factor by 0x85ebca77.
 */
export function seededDraw(seed: number, product: number, factor: number): number {
  const h = fmix32(fmix32(fmix32(seed) + Math.imul(product + 1, 0x9e37_79b9)) + Math.imul(factor + 1, 0x85eb_ca77));
  return h / 2 ** 31 - 1;
}

/**
 * Rank of each column, independent of popularity: products in the order of their codes, then pseudo-products in the order of
 * their names.
 */
export function codeRanks(columns: readonly string[], pseudoColumns: number): Uint32Array {
  const products = columns.length - pseudoColumns;
  const ranks = new Uint32Array(columns.length);
  for (const [rank, column] of codeOrder(columns.slice(0, products)).entries()) ranks[column] = rank;
  for (const [rank, column] of codeOrder(columns.slice(products)).entries()) ranks[products + column] = products + rank;
  return ranks;
}

/**
 * Random start, f64[columns x factors]: uniform with standard deviation 0.1 / sqrt(factors), drawn in the order of product codes.
 */
export function seededStart(columns: readonly string[], pseudoColumns: number, factors: number, seed: number): Float64Array {
  const ranks = codeRanks(columns, pseudoColumns);
  const width = Math.sqrt(3 / factors) / 10;
  return Float64Array.from(
    { length: columns.length * factors },
    (_, i) => width * seededDraw(seed, ranks[Math.floor(i / factors)]!, i % factors),
  );
}
