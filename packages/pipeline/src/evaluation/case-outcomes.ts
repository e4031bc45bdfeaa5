import type { Model } from '@basketwise/core';
import type { Outcome } from './metrics.ts';
import { rankTargets } from './ranking.ts';
import { basketOf, type ColumnOrder, type CustomerFacts } from './set-table.ts';
import type { TestCase } from './split.ts';

/** What a model is tested on. */
export interface CaseSet {
  cases: readonly TestCase[];
  order: ColumnOrder;
  /** What else is known of a customer, by his index. */
  factsOf?: (customer: number) => CustomerFacts;
  /** Holders of each item in the training sets: breaks ties. */
  popularity: Float64Array;
}

/** Scores of all items for one customer, by item. */
export function scoreItems(model: Model, order: ColumnOrder, basket: readonly number[], facts?: CustomerFacts): Float64Array {
  const scores = model.foldIn(basketOf(order, basket, facts));
  return Float64Array.from(order.columnOf, (column) => scores[column]!);
}

/** Where each customer's targets stand in the model's ranking of what he does not hold. */
export function outcomes(model: Model, { cases, order, factsOf, popularity }: CaseSet): Outcome[] {
  return cases.map(({ customer, basket, targets }) => {
    const candidate = new Uint8Array(popularity.length).fill(1);
    for (const item of basket) candidate[item] = 0;
    return rankTargets(scoreItems(model, order, basket, factsOf?.(customer)), candidate, popularity, targets);
  });
}

/** Holders of each item among the sets. */
export function holdersOf(sets: readonly (readonly number[])[], items: number): Float64Array {
  const count = new Float64Array(items);
  for (const set of sets) for (const item of set) count[item]!++;
  return count;
}
