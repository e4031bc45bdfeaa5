import type { AlsModel } from '../als/als-model.ts';
import type { BasketEntry } from '../baskets/basket-table.ts';
import { AppError } from '../error.ts';
import { smallestShare } from '../generated/layouts.ts';
import { type BasketIndex, Fingerprint } from '../models/basket-index.ts';
import type { ItemLines, LinearModel } from '../models/linear-model.ts';
import type { LookupModel } from '../models/lookup.ts';
import type { Model } from '../models/model.ts';
import { acquiredBand, newestBand } from '../models/popularity.ts';
import { log } from '../numbers/elementary.ts';
import type { KernelPool } from '../wasm/pool.ts';

/**
 * Number of lines (rows of values) of a part that depends on the recency band of the newest holding.
 * Line 0 has the values of all customers and serves baskets without products. Line b + 1 is for band b.
 */
export const lineCount = acquiredBand + 1;

/** Part of a popularity model: logarithms of shares, which depend only on the recency band of the newest holding. */
interface LinePart {
  of: 'line';
  /** Logarithms of shares, f64[lines x columns], with 1 line or `lineCount` lines. */
  values: Float64Array;
}

/** Part of a linear model. The score of a column is the sum over held products of value[band] x lines[held product, column]. */
interface LinearPart {
  of: 'linear';
  /** Matrix, columns x columns. */
  lines: ItemLines;
  /** Value of each recency band, f64[256]. */
  value: Float64Array;
}

/** Part of an ALS model: the sum over held products of their rows of the hat matrix K, with weights that depend on the whole basket. */
interface AlsPart {
  of: 'als';
  model: AlsModel;
}

/**
 * Part of a lookup model: the contribution of exact baskets to the logarithm of a product's share.
 *   log((prior x share + count) / (prior x share)) = log(1 + count / (prior x share))
 * count: customers with exactly this basket who purchased (or hold) the product. share: the product's share in the base model,
 * scaled so that the shares of all products that are not held sum to 1. The contribution is 0 if count is 0.
 */
export interface CountsPart {
  of: 'counts';
  index: BasketIndex;
  prior: number;
  byRecency: boolean;
  /** Shares of the base model, f64[lines x columns]. */
  shares: Float64Array;
}

/** Additive form of a component: its scores as terms that can be added to the scores of other components. */
export type AdditivePart = LinePart | LinearPart | AlsPart | CountsPart;

const partsOfModels = new WeakMap<Model, AdditivePart>();

/**
 * Additive form of a model: of the logarithms of its scores if they are shares, otherwise of its scores. Computed once per model.
 * @throws AppError config if a model of this kind has no additive form
 */
export function additivePart(model: Model): AdditivePart {
  const part = partsOfModels.get(model) ?? additivePartOf(model);
  partsOfModels.set(model, part);
  return part;
}

function additivePartOf(model: Model): AdditivePart {
  if (model.kind === 'lookup' || model.kind === 'lookup-next') return countsPart(model as LookupModel);
  switch (model.kind) {
    case 'als':
      return { of: 'als', model: model as AlsModel };
    case 'ease':
    case 'item-knn':
    case 'lift':
      return { of: 'linear', lines: (model as LinearModel).lines, value: (model as LinearModel).value };
    case 'popularity':
      return { of: 'line', values: logShares(model.state().matrices.shares!.values, model.columns.length) };
  }
  throw notAdditive(model);
}

/**
 * Logarithms of shares, f64[lines x width]. If a line has the same shares as the previous line, the logarithms are copied.
 * This is usual for bands without customers.
 */
function logShares(shares: Float32Array | Float64Array, width: number): Float64Array {
  const logs = new Float64Array(shares.length);
  for (let line = 0; line < shares.length; line += width) {
    if (line > 0 && isLineBefore(shares, line, width)) logs.copyWithin(line, line - width, line);
    else for (let i = line; i < line + width; i++) logs[i] = log(Math.max(shares[i]!, smallestShare));
  }
  return logs;
}

/** Whether the line that begins at `at` equals the previous one. */
function isLineBefore(values: Float32Array | Float64Array, at: number, width: number): boolean {
  for (let i = at; i < at + width; i++) if (values[i] !== values[i - width]) return false;
  return true;
}

function countsPart(model: LookupModel): CountsPart {
  const { index, base, prior, byRecency } = model.parts;
  const { shares } = base.state().matrices;
  if (base.kind !== 'popularity' || shares === undefined) throw notAdditive(model);
  return { of: 'counts', index, prior, byRecency, shares: new Float64Array(shares.values) };
}

function notAdditive({ kind }: Model): AppError {
  return new AppError(
    'config',
    `a ${kind} model of these parameters cannot be a member of next-purchase`,
    'Name als, ease, item-knn, lift, popularity, or a lookup over popularity.',
  );
}

/** Index of the line that applies to a basket, in a part with `lines` lines (see `lineCount`). */
export function lineOfBasket(basket: readonly BasketEntry[], products: number, lines: number): number {
  return lines === 1 ? 0 : lineOfNewest(newestBand(basket, products), lines);
}

/** Index of the line for baskets whose newest holding has the band `newest`. */
function lineOfNewest(newest: number, lines: number): number {
  return lines === 1 || newest === acquiredBand ? 0 : newest + 1;
}

/** Key of a basket in the lookup of exact baskets: its products, and the recency band of its newest holding. */
class CountedBasket {
  readonly #columns: number[] = [];
  readonly #set = new Fingerprint();
  #newest = acquiredBand;

  /** Adds a held product. */
  add(column: number, band: number): void {
    this.#columns.push(column);
    this.#set.add(column);
    if (band < this.#newest) this.#newest = band;
  }

  /** Columns of the products. */
  get columns(): readonly number[] {
    return this.#columns;
  }

  get newest(): number {
    return this.#newest;
  }

  /** Fingerprint used as the key. @param byRecency whether the band of the newest holding is part of the key */
  key(byRecency: boolean, products: number): Fingerprint {
    const key = new Fingerprint();
    key.low = this.#set.low;
    key.high = this.#set.high;
    if (byRecency) key.add(products + this.#newest);
    return key;
  }
}

/** Basket with its key in the lookup of exact baskets. */
export function countedBasket(basket: readonly BasketEntry[], products: number): CountedBasket {
  const counted = new CountedBasket();
  for (const { column, band } of basket) if (column < products) counted.add(column, band);
  return counted;
}

/**
 * Calls `visit` with each column for which a part of exact baskets contributes, and with its contribution.
 * The kernel in assembly/next-purchase/counts.ts computes the same values.
 */
export function forEachCounted(
  { index, prior, byRecency, shares }: CountsPart,
  basket: CountedBasket,
  products: number,
  width: number,
  visit: (column: number, value: number) => void,
): void {
  let at = index.first(basket.key(byRecency, products));
  if (at < 0) return;
  const from = lineOfNewest(basket.newest, shares.length / width) * width;
  const free = Math.max(smallestShare, 1 - heldShare(basket.columns, shares, from));
  for (; at >= 0; at = index.after(at)) {
    const column = index.columnAt(at);
    const share = Math.max(smallestShare, shares[from + column]! / free);
    visit(column, log(1 + index.countAt(at) / (prior * share)));
  }
}

/** Sum of the shares of the products `columns`, on the line that begins at `from`. */
function heldShare(columns: readonly number[], shares: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < columns.length; i++) sum += shares[from + columns[i]!]!;
  return sum;
}

/** Scores of all columns for one basket, f64[columns], for a part that is not a sum over held products (see `holdingSums`). */
export function partScores(
  part: LinePart | CountsPart,
  basket: readonly BasketEntry[],
  products: number,
  width: number,
): Float64Array {
  if (part.of === 'line') {
    const from = lineOfBasket(basket, products, part.values.length / width) * width;
    return part.values.subarray(from, from + width);
  }
  const scores = new Float64Array(width);
  forEachCounted(part, countedBasket(basket, products), products, width, (column, value) => {
    scores[column] = value;
  });
  return scores;
}

/** Part that is a sum over held products. */
type SummedPart = Extract<AdditivePart, { of: 'linear' | 'als' }>;

/** Scores of a component as sums over held products of a weight times a matrix row. */
export interface HoldingSums {
  /** Matrix, columns x columns. The row of a held product has its contribution to the score of each column. */
  lines: ItemLines;
  /** Weight of each entry of each basket, in order: an f64[entries] per basket. */
  weightsOf(baskets: readonly (readonly BasketEntry[])[]): Promise<Float64Array[]>;
}

/** Whether a part is a sum over held products. */
export function isSummed(part: AdditivePart): part is SummedPart {
  return part.of === 'linear' || part.of === 'als';
}

/** Matrix and weights of a part that is a sum over held products. */
export function holdingSums(part: SummedPart, pool: KernelPool): HoldingSums {
  if (part.of === 'als') return { lines: part.model.hat(), weightsOf: (baskets) => part.model.entryWeightsOf(pool, baskets) };
  return {
    lines: part.lines,
    weightsOf: async (baskets) => baskets.map((basket) => Float64Array.from(basket, ({ band }) => part.value[band]!)),
  };
}
