import { type BasketEntry, type Context, type Model, packEntry } from '@basketwise/core';
import type { TargetRanks } from './metrics.ts';

/** Test customer. Products are columns of a basket table. */
export interface ModelCase {
  customer: number;
  /** Basket of the customer, including pseudo-products. */
  basket: readonly BasketEntry[];
  /** Feature levels of the customer. Absent: the customer has no features. */
  context?: Context;
  /** Columns that a good list should contain: purchased or held-out products. None of them is in the basket. */
  targets: readonly number[];
  /** Whether the customer held any product of the bank, in any class. */
  hasHistory: boolean;
}

/** Test cases of a model, with the columns that it can recommend. */
export interface CaseSet {
  cases: readonly ModelCase[];
  /** Flag of each column, u8[columns]: 1 if it can be recommended. Pseudo-products have 0. */
  allowed: Uint8Array;
  /** Number of holders of each column in the training data, f64[columns]. Breaks ties between scores. */
  popularity: Float64Array;
}

/** Flag of each column, u8[columns]: 1 if it can be recommended to the customer, who does not hold it. */
export function candidatesOf({ allowed }: CaseSet, { basket }: ModelCase): Uint8Array {
  const candidate = allowed.slice();
  for (const { column } of basket) candidate[column] = 0;
  return candidate;
}

/**
 * Calls `visit` with the scores of all columns, f64[columns], and the position of each case. Cases with equal basket and features are visited one
 * after another and share their scores.
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

/** Ranks of each case's targets among the candidates of the customer, in the order of the cases. */
export function rankCases(model: Pick<Model, 'foldIn' | 'features'>, set: CaseSet): TargetRanks[] {
  const found: TargetRanks[] = new Array(set.cases.length);
  forEachScored(model, set.cases, (scores, at) => {
    const known = set.cases[at]!;
    found[at] = rankTargets(scores, candidatesOf(set, known), set.popularity, known.targets);
  });
  return found;
}

/**
 * Ranks of the targets among all candidate columns, by falling score. Ties: the column with more holders comes first, then the lower column.
 * @param scores score of each column, f64[columns]
 * @param candidate flag of each column: 1 if it can be recommended (on sale and not held)
 * @param popularity number of holders of each column in the training data
 */
export function rankTargets(
  scores: Float64Array,
  candidate: Uint8Array,
  popularity: Float64Array,
  targets: readonly number[],
): TargetRanks {
  const ranks: number[] = [];
  for (const target of targets) {
    if (candidate[target] !== 1) continue;
    let rank = 1;
    const [score, holders] = [scores[target]!, popularity[target]!];
    for (let column = 0; column < scores.length; column++) {
      if (candidate[column] !== 1 || column === target) continue;
      const other = scores[column]!;
      if (other > score || (other === score && isBefore(popularity[column]!, column, holders, target))) rank++;
    }
    ranks.push(rank);
  }
  return { ranks: ranks.sort((a, b) => a - b), targets: targets.length };
}

function isBefore(holders: number, column: number, otherHolders: number, otherColumn: number): boolean {
  return holders > otherHolders || (holders === otherHolders && column < otherColumn);
}
