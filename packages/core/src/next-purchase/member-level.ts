import { type BasketEntry, unpackEntry } from '../baskets/basket-table.ts';
import { forEachRow, heldProducts, productCount, type TrainingSet } from '../baskets/training-rows.ts';
import type { ItemLines } from '../models/item-lines.ts';
import type { Model } from '../models/model.ts';
import { additivePart, holdingSums, isSummed } from './additive-part.ts';

/** Most customers whose baskets are used. A larger set is sampled at even steps. */
const sampledCustomers = 2000;

/**
 * Level of a component, f64[columns]: the mean score of each column over the customers with holdings but without the column.
 * A component less its level distinguishes customers; the purchase shares determine the level of each product.
 * Null for a component of shares.
 */
export async function memberLevel(model: Model, training: TrainingSet): Promise<Float64Array | null> {
  const part = additivePart(model);
  if (!isSummed(part)) return null;
  const { lines, weightsOf } = holdingSums(part, training.pool);
  const { columns } = training.table;
  const width = columns.length;
  const sums: LevelSums = {
    weight: new Float64Array(width),
    ofHolders: new Float64Array(width),
    holders: new Float64Array(width),
  };
  const some = someCustomers(training);
  const weights = await weightsOf(some.map(({ basket }) => basket));
  for (const [at, one] of some.entries()) addCustomers(sums, one, weights[at]!, lines);
  const customers = some.reduce((sum, { times }) => sum + times, 0);
  const { ofHolders, holders } = sums;
  return sumOfLines(sums.weight, lines).map((sum, i) =>
    customers > holders[i]! ? (sum - ofHolders[i]!) / (customers - holders[i]!) : 0,
  );
}

/** Sums by column. The level is the sum of scores over all customers less that over the column's holders. */
interface LevelSums {
  /** Total weight of the holdings of each column. */
  weight: Float64Array;
  /** Sum of the holders' scores of the column. */
  ofHolders: Float64Array;
  holders: Float64Array;
}

/** Customers with one basket. `times` is their number. */
interface SomeOfBasket {
  basket: readonly BasketEntry[];
  times: number;
}

function addCustomers(
  { weight, ofHolders, holders }: LevelSums,
  { basket, times }: SomeOfBasket,
  weights: Float64Array,
  lines: ItemLines,
): void {
  for (let i = 0; i < basket.length; i++) {
    const { column } = basket[i]!;
    weight[column]! += times * weights[i]!;
    holders[column]! += times;
    for (let j = 0; j < basket.length; j++) {
      ofHolders[column]! += times * weights[j]! * lines.cell(basket[j]!.column, column);
    }
  }
}

/** Sum of a square matrix's rows, each times its weight. */
function sumOfLines(weight: Float64Array, lines: ItemLines): Float64Array {
  const width = weight.length;
  const sum = new Float64Array(width);
  for (let line = 0; line < width; line++) {
    if (weight[line] === 0) continue;
    const values = lines.line(line);
    for (let i = 0; i < width; i++) sum[i]! += weight[line]! * values[i]!;
  }
  return sum;
}

/** Baskets of customers with holdings, each with the number of its customers. A large set is sampled at even steps. */
function someCustomers({ table, range }: TrainingSet): SomeOfBasket[] {
  const products = productCount(table);
  const multiplicity = table.memory.u32(table.multiplicity, table.rows);
  let customers = 0;
  forEachRow(table, range, (entry, from, to, row) => {
    if (heldProducts(entry, from, to, products) > 0) customers += multiplicity[row]!;
  });
  const step = Math.max(1, customers / sampledCustomers);
  let before = 0;
  const found: SomeOfBasket[] = [];
  forEachRow(table, range, (entry, from, to, row) => {
    if (heldProducts(entry, from, to, products) === 0) return;
    const first = Math.ceil(before / step);
    before += multiplicity[row]!;
    const times = Math.ceil(before / step) - first;
    if (times > 0) found.push({ basket: Array.from(entry.subarray(from, to), unpackEntry), times });
  });
  return found;
}
