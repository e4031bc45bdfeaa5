import type { BasketEntry } from '../baskets/basket-table.ts';
import { forEachRow, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { stepShares } from '../generated/layouts.ts';
import { type Model, type ModelState, type ScoreScale, scaled } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';
import { topNBySteps } from './scored-model.ts';

/**
 * Band of the purchased product in a table of purchases. In such a table, a row is a purchase. Its entries of other bands are the
 * products held before the purchase.
 */
export const acquiredBand = 255;

/** Events whose shares are the scores. */
export type PopularityOf =
  /** Holdings: each holder of a product counts once. */
  | 'holders'
  /** All purchases in the training table. The table may have only recent ones. */
  | 'recent'
  /** Purchases by customers who already held a product. */
  | 'upsell';

/** Parameters of popularity. */
export interface PopularityParameters {
  of?: PopularityOf;
  /** Whether each recency band of the newest holding has its own counts, shrunk towards those of all customers. */
  byRecency?: boolean;
  /** Strength of the prior: pseudo-counts with the shares of all customers, added to each band. Default 10. */
  prior?: number;
}

/**
 * Fits popularity: a product's score is its share of customers or purchases.
 * With `byRecency`, the share is among the customers whose newest holding is in the same recency band.
 * For `recent` and `upsell` the training table has purchases (see `acquiredBand`).
 * @param partsOnSale share of the period that each column was on sale, f64[columns], 0 to 1; counts are then scaled up to the
 * whole period (see `scaleToTime`)
 */
export function fitPopularity(training: TrainingSet, parameters: PopularityParameters = {}, partsOnSale?: Float64Array): Model {
  const { of: source = 'holders', byRecency = false, prior = 10 } = parameters;
  const { table, range } = training;
  const width = table.columns.length;
  const products = productCount(table);
  const counts = new Float64Array((byRecency ? acquiredBand + 1 : 1) * width);
  const weight = rowWeights(training);
  forEachRow(table, range, (entry, from, to, row) => {
    const newest = newestOfRow(entry, from, to, products);
    if (source === 'upsell' && newest === acquiredBand) return;
    const line = byRecency ? lineOfBand(newest) : 0;
    for (let at = from; at < to; at++) {
      const packed = entry[at]!;
      const column = packed >>> 8;
      if (column >= products || (source !== 'holders' && (packed & 0xff) !== acquiredBand)) continue;
      counts[column]! += weight[row - range.from]!;
      if (line > 0) counts[line * width + column]! += weight[row - range.from]!;
    }
  });
  if (partsOnSale !== undefined) scaleToTime(counts, partsOnSale);
  const { columns, pseudoColumns } = table;
  return createPopularity({
    columns,
    pseudoColumns,
    byRecency,
    shares: toShares(counts, width, prior),
    parameters: { ...parameters },
  });
}

/**
 * Number of purchases at which half of the correction for time on sale applies. A product with fewer may have been on sale before
 * its first purchase.
 */
const surelyBegun = 10;

/**
 * Scales counts to the whole period, in place. For a product with n purchases, on sale for the share p of the period:
 *   count / (p + (1 - p) c / (c + n)),  c = `surelyBegun`
 * This is count / p for products that sell often, and the count itself for products that hardly sell.
 * @param counts f64[lines x columns]; n is the count in line 0, of all customers
 */
function scaleToTime(counts: Float64Array, partsOnSale: Float64Array): void {
  const width = partsOnSale.length;
  const scale = partsOnSale.map((part, column) => part + ((1 - part) * surelyBegun) / (surelyBegun + counts[column]!));
  for (let line = 0; line < counts.length; line += width) {
    for (let column = 0; column < width; column++) counts[line + column]! /= scale[column]!;
  }
}

/**
 * Row of `counts` for baskets whose newest holding has this band. Baskets without products use row 0, which is for all customers.
 */
function lineOfBand(newest: number): number {
  return newest === acquiredBand ? 0 : newest + 1;
}

/** Same as `newestBand`, for a packed row. The purchased product never counts as the newest holding. */
export function newestOfRow(entry: Uint32Array, from: number, to: number, products: number): number {
  let newest = acquiredBand;
  for (let at = from; at < to; at++) {
    const packed = entry[at]!;
    if (packed >>> 8 < products && (packed & 0xff) < newest) newest = packed & 0xff;
  }
  return newest;
}

/** Recency band of the newest holding; `acquiredBand` for a basket without products. */
export function newestBand(basket: readonly BasketEntry[], products: number): number {
  let newest = acquiredBand;
  for (let i = 0; i < basket.length; i++) {
    const { column, band } = basket[i]!;
    if (column < products && band < newest) newest = band;
  }
  return newest;
}

function toShares(counts: Float64Array, width: number, prior: number): Float64Array {
  const shares = new Float64Array(counts.length);
  const all = totalOf(counts, 0, width);
  for (let column = 0; column < width; column++) shares[column] = all === 0 ? 0 : counts[column]! / all;
  let before = Number.NaN;
  for (let line = width; line < counts.length; line += width) {
    const total = totalOf(counts, line, width);
    // Shares are equal in all bands without purchases, so copy the previous line.
    if (total === 0 && before === 0) shares.copyWithin(line, line - width, line);
    else {
      const weight = total + prior;
      for (let column = 0; column < width; column++) {
        shares[line + column] = weight === 0 ? 0 : (counts[line + column]! + prior * shares[column]!) / weight;
      }
    }
    before = total;
  }
  return shares;
}

/** Sum of the row of counts that begins at `from`. */
function totalOf(counts: Float64Array, from: number, width: number): number {
  let sum = 0;
  for (let at = from; at < from + width; at++) sum += counts[at]!;
  return sum;
}

interface PopularityParts {
  columns: readonly string[];
  pseudoColumns: number;
  byRecency: boolean;
  /** Shares, f64[lines x columns]. Line 0 is for all customers, line b + 1 for recency band b. */
  shares: Float64Array;
  parameters: Readonly<Record<string, unknown>>;
}

function createPopularity(parts: PopularityParts): Model {
  const { columns, pseudoColumns, byRecency, shares, parameters } = parts;
  const width = columns.length;
  const foldIn = (basket: readonly BasketEntry[]) => {
    const line = byRecency ? lineOfBand(newestBand(basket, width - pseudoColumns)) : 0;
    return shares.slice(line * width, (line + 1) * width);
  };
  const addSteps = (plan: ScorePlan, space: ScoreSpace, scale: ScoreScale) => addPopularitySteps(parts, plan, space, scale);
  return {
    kind: 'popularity',
    columns,
    pseudoColumns,
    topN: (request) => topNBySteps({ columns, foldIn, addSteps }, request),
    addSteps,
    foldIn,
    explain: (basket, column) => {
      const score = foldIn(basket)[column]!;
      return { score, baseline: score, contributions: [] };
    },
    state(): ModelState {
      const matrices = {
        shares: { rows: shares.length / width, columns: width, values: shares },
        // -1: no column has a line of its own.
        lineOf: { rows: 1, columns: width, values: new Float64Array(width).fill(-1) },
      };
      return { kind: 'popularity', columns, pseudoColumns, parameters, matrices };
    },
  };
}

/** Adds a step that copies the row's line of shares, on the requested scale. */
function addPopularitySteps(
  { byRecency, shares }: PopularityParts,
  plan: ScorePlan,
  space: ScoreSpace,
  scale: ScoreScale,
): ScoredLine {
  const line = plan.line(space);
  const values = shares.map((share) => scaled(share, scale));
  plan.add({ kind: stepShares, line, padded: space.padded, values: plan.store(values, space), byRecency: Number(byRecency) });
  return { line, isLog: scale === 'log', part: 0 };
}

/** Restores a popularity model from its `state()`. */
export function popularityOf({ columns, pseudoColumns, parameters, matrices }: ModelState): Model {
  const byRecency = parameters.byRecency === true;
  return createPopularity({ columns, pseudoColumns, parameters, byRecency, shares: new Float64Array(matrices.shares!.values) });
}
