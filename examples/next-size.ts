import type { BasketEntry } from '../packages/core/src/baskets/basket-table.ts';
import {
  forEachRow,
  heldProducts,
  productCount,
  rowWeights,
  type TrainingSet,
} from '../packages/core/src/baskets/training-rows.ts';
import { defineKind } from '../packages/core/src/kinds/kind.ts';
import type { Model, ModelState } from '../packages/core/src/models/model.ts';
import { topNBySteps } from '../packages/core/src/models/scored-model.ts';

export const nextSize = defineKind({
  kind: 'next-size',
  about: 'The products that customers with exactly one product more hold.',
  parameters: {
    largest: { is: 'whole', from: 1, to: 64, usual: 3, about: 'Customers with this many products or more count together.' },
  },
  part: 'base',
  blendScale: 'log',
  fit: async ({ holdings }, { largest }) => fitNextSize(holdings, largest),
  restore: async (state) => nextSizeOf(state),
});

/** Score: share of holders among customers with one product more, f64[lines x columns]; line n is for n products held. */
function fitNextSize(training: TrainingSet, largest: number): Model {
  const { table, range } = training;
  const { columns, pseudoColumns } = table;
  const [products, weight] = [productCount(table), rowWeights(training)];
  const shares = new Float64Array((largest + 1) * columns.length);
  const customers = new Float64Array(largest + 1);
  forEachRow(table, range, (entry, from, to, row) => {
    const line = Math.min(heldProducts(entry, from, to, products) - 1, largest);
    if (line < 0) return;
    customers[line]! += weight[row - range.from]!;
    for (let at = from; at < to; at++) shares[line * columns.length + (entry[at]! >>> 8)]! += weight[row - range.from]!;
  });
  for (const i of shares.keys()) shares[i]! /= customers[Math.floor(i / columns.length)]! || 1;
  const matrices = { shares: { rows: largest + 1, columns: columns.length, values: shares } };
  return nextSizeOf({ kind: 'next-size', columns, pseudoColumns, parameters: { largest }, matrices });
}

function nextSizeOf(state: ModelState): Model {
  const { kind, columns, pseudoColumns, matrices } = state;
  const { rows, columns: width, values } = matrices.shares!;
  const foldIn = (basket: readonly BasketEntry[]) => {
    const line = Math.min(basket.filter(({ column }) => column < width - pseudoColumns).length, rows - 1);
    return new Float64Array(values.subarray(line * width, (line + 1) * width));
  };
  const explain = (basket: readonly BasketEntry[], column: number) => {
    const score = foldIn(basket)[column]!;
    return { score, baseline: score, contributions: [] };
  };
  const topN: Model['topN'] = (request) => topNBySteps({ columns, foldIn }, request);
  return { kind, columns, pseudoColumns, topN, foldIn, explain, state: () => state };
}
