import { type BasketEntry, type Context, type Model, packEntry } from '@basketwise/core/parts';
import type { TargetRanks } from './metrics.ts';
import { rankTargets } from './ranking.ts';

/** Test customer in the columns of a table. */
export interface ModelCase {
  customer: number;
  /** Basket of the customer, pseudo-products included. */
  basket: readonly BasketEntry[];
  /** Features of the customer, if models rank by them. */
  context?: Context;
  /** Columns to be found, none of them in the basket. */
  targets: readonly number[];
  /** Whether the customer held any product of the bank. */
  hasHistory: boolean;
}

/** Test cases of a model. */
export interface CaseSet {
  cases: readonly ModelCase[];
  /** One byte per column: 1 if it can be recommended. Pseudo-products cannot. */
  allowed: Uint8Array;
  /** Holders of each column in the training data. Breaks ties. */
  popularity: Float64Array;
}

/** Columns that can be recommended to this customer: allowed, and not held. */
export function candidatesOf({ allowed }: CaseSet, { basket }: ModelCase): Uint8Array {
  const candidate = allowed.slice();
  for (const { column } of basket) candidate[column] = 0;
  return candidate;
}

/**
 * Visits cases with the scores of all columns. Cases of the same basket and features are visited together, not in the order of
 * the cases.
 */
export function forEachScored(
  model: Pick<Model, 'foldIn' | 'features'>,
  cases: readonly ModelCase[],
  visit: (scores: Float64Array, at: number) => void,
): void {
  const ranks = (model.features?.length ?? 0) > 0;
  const keys = cases.map(({ basket, context = [] }) => [...basket.map(packEntry), ...(ranks ? context : [])].join(' '));
  const order = [...keys.keys()].sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b));
  let scores: Float64Array = new Float64Array(0);
  for (const [i, at] of order.entries()) {
    if (i === 0 || keys[at] !== keys[order[i - 1]!]) scores = model.foldIn(cases[at]!.basket, cases[at]!.context);
    visit(scores, at);
  }
}

/** Ranks of each customer's targets in the model's ranking of unheld products, in the order of the cases. */
export function rankCases(model: Pick<Model, 'foldIn' | 'features'>, set: CaseSet): TargetRanks[] {
  const found: TargetRanks[] = new Array(set.cases.length);
  forEachScored(model, set.cases, (scores, at) => {
    const known = set.cases[at]!;
    found[at] = rankTargets(scores, candidatesOf(set, known), set.popularity, known.targets);
  });
  return found;
}
