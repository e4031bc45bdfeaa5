import type { AlsModel } from '../als/als-model.ts';
import type { BasketEntry } from '../baskets/basket-table.ts';
import { AppError } from '../error.ts';
import { BasketIndex, type Fingerprint, fingerprint, withColumn } from '../models/basket-index.ts';
import type { Model } from '../models/model.ts';
import { acquiredBand, newestBand } from '../models/popularity.ts';
import { log } from '../numbers/elementary.ts';

/** The smallest share that a logarithm is taken of. */
const smallestShare = 1e-6;
/** Lines of a part that differs by recency: of all, then one for each band of the newest holding. */
export const lineCount = acquiredBand + 1;

/** Log-shares that depend on nothing but the recency of the newest holding. */
interface LinePart {
  of: 'line';
  /** f64[lines x columns], `lines` 1 or `lineCount`. */
  values: Float64Array;
}

/** Sums over what is held: value[band] x matrix[held, column]. */
interface LinearPart {
  of: 'linear';
  /** f64[columns x columns], row-major. */
  matrix: Float64Array;
  /** f64[256]. */
  value: Float64Array;
}

/** Scores of ALS: sums over what is held of K, with weights that depend on the whole basket. */
interface AlsPart {
  of: 'als';
  model: AlsModel;
}

/**
 * The part that exact baskets add to the shares that they lean on:
 *   log((prior x share + count) / (prior x share)) = log(1 + count / (prior x share)),
 * with the shares scaled to a sum of 1 over what is not held: nothing for products that no holder of the basket took.
 */
export interface CountsPart {
  of: 'counts';
  index: BasketIndex;
  prior: number;
  byRecency: boolean;
  /** Of the base model: f64[lines x columns]. */
  shares: Float64Array;
}

/** A model's contribution to a sum of scores, in a form whose terms can be told apart. */
export type AdditivePart = LinePart | LinearPart | AlsPart | CountsPart;

/**
 * The additive form of a model's log-scores (or scores, for ALS and linear models).
 * @throws AppError config where a model of this kind has none
 */
export function additivePart(model: Model): AdditivePart {
  const { parameters, matrices } = model.state();
  switch (model.kind) {
    case 'als':
      if ((model as AlsModel).frequency === undefined) return { of: 'als', model: model as AlsModel };
      break;
    case 'ease':
    case 'item-knn':
      return {
        of: 'linear',
        matrix: Float64Array.from(matrices.matrix!.values),
        value: Float64Array.from(matrices.value!.values),
      };
    case 'popularity':
      if (matrices.lineOf!.values.some((line) => line > 0)) break;
      return {
        of: 'line',
        values: Float64Array.from(matrices.shares!.values, (share) => log(Math.max(share, smallestShare))),
      };
    case 'lookup':
    case 'lookup-next':
      if (matrices['base.shares'] === undefined) break;
      return {
        of: 'counts',
        index: BasketIndex.fromMatrix(matrices.counts!.values),
        prior: parameters.prior as number,
        byRecency: parameters.byRecency === true,
        shares: Float64Array.from(matrices['base.shares'].values),
      };
  }
  throw new AppError(
    'config',
    `a ${model.kind} model of these parameters cannot be a member of next-purchase`,
    'Name als, ease, item-knn, popularity (not by context), or a lookup over popularity.',
  );
}

/** Which line of `values` belongs to a basket. */
export function lineOf(basket: readonly BasketEntry[], products: number, lines: number): number {
  return lines === 1 ? 0 : lineOfNewest(newestBand(basket, products), lines);
}

/** The same by the recency band of the newest holding. */
export function lineOfNewest(newest: number, lines: number): number {
  return lines === 1 || newest === acquiredBand ? 0 : newest + 1;
}

/** A basket as exact baskets are looked up: its products, and the recency band of the newest. */
export interface CountedBasket {
  basket: readonly BasketEntry[];
  set: Fingerprint;
  newest: number;
}

/** A basket with what it is looked up by. */
export function countedBasket(basket: readonly BasketEntry[], products: number): CountedBasket {
  return { basket, set: fingerprint(basket, products), newest: newestBand(basket, products) };
}

/** Visits what exact baskets add to single columns. */
export function forEachCounted(
  { index, prior, byRecency, shares }: CountsPart,
  { basket, set: ofProducts, newest }: CountedBasket,
  products: number,
  width: number,
  visit: (column: number, value: number) => void,
): void {
  const set = byRecency ? withColumn(ofProducts, products + newest) : ofProducts;
  const from = lineOfNewest(newest, shares.length / width) * width;
  let free: number | undefined;
  index.forEach(set, (column, count) => {
    free ??= Math.max(
      smallestShare,
      1 - basket.reduce((sum, held) => sum + (held.column < products ? shares[from + held.column]! : 0), 0),
    );
    const share = Math.max(smallestShare, shares[from + column]! / free);
    visit(column, log(1 + count / (prior * share)));
  });
}

/** A part's scores of all columns for one basket: f64[columns]. */
export function partScores(part: AdditivePart, basket: readonly BasketEntry[], products: number, width: number): Float64Array {
  switch (part.of) {
    case 'line': {
      const from = lineOf(basket, products, part.values.length / width) * width;
      return part.values.slice(from, from + width);
    }
    case 'linear': {
      const scores = new Float64Array(width);
      for (const { column, band } of basket) {
        const [weight, line] = [part.value[band]!, column * width];
        for (let i = 0; i < width; i++) scores[i]! += weight * part.matrix[line + i]!;
      }
      return scores;
    }
    case 'als':
      return part.model.foldIn(basket);
    case 'counts': {
      const scores = new Float64Array(width);
      forEachCounted(part, countedBasket(basket, products), products, width, (column, value) => {
        scores[column] = value;
      });
      return scores;
    }
  }
}
