import { unpackEntry } from '../baskets/basket-table.ts';
import { forEachRow, heldProducts, productCount, type TrainingSet } from '../baskets/training-rows.ts';
import type { Model } from '../models/model.ts';
import { additivePart, partScores } from './additive-part.ts';

/** Customers whose baskets are looked at: of more, as many in even steps. */
const looked = 4000;

/**
 * The level of a member: the mean of its scores of each column over the customers who hold something, but not the column, f64[columns]. A member less its
 * level tells customers apart and leaves it to the shares of what is bought how much each product is bought; null for a member of shares.
 */
export function memberLevel(model: Model, { table, range }: TrainingSet): Float64Array | null {
  const part = additivePart(model);
  if (part.of !== 'als' && part.of !== 'linear') return null;
  const width = table.columns.length;
  const products = productCount(table);
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  let customers = 0;
  forEachRow(table, range, (entry, from, to, row) => {
    if (heldProducts(entry, from, to, products) > 0) customers += multiplicity[row]!;
  });
  const step = Math.max(1, customers / looked);
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  let before = 0;
  forEachRow(table, range, (entry, from, to, row) => {
    if (heldProducts(entry, from, to, products) === 0) return;
    const first = Math.ceil(before / step);
    before += multiplicity[row]!;
    const times = Math.ceil(before / step) - first;
    if (times === 0) return;
    const basket = Array.from(entry.subarray(from, to), unpackEntry);
    const scores = partScores(part, basket, products, width);
    for (const { column } of basket) scores[column] = Number.NaN;
    for (let i = 0; i < width; i++) {
      if (Number.isNaN(scores[i]!)) continue;
      sums[i]! += times * scores[i]!;
      counts[i]! += times;
    }
  });
  return sums.map((sum, i) => (counts[i]! > 0 ? sum / counts[i]! : 0));
}
