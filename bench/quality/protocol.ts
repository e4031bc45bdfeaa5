import { acquiredBand, type BasketEntry, holders, type KernelPool, required, type TrainingSet } from '@basketwise/core';
import {
  basketOf,
  type CaseSet,
  type ColumnOrder,
  casesOf,
  columnOrder,
  innerLeaveOneOut,
  type LearningData,
  leaveOneOut,
  type SetCustomer,
  type Split,
  tableOfBaskets,
  temporalSplit,
} from '@basketwise/pipeline';
import type { DataSet } from './data-set.ts';

/** Days up to which a holding is in each band, as in the example config: 6 months, 1 year, 3 years, older. */
const bandDays = [183, 365, 1095];
/** Windows of acquisitions that train: the last year, as `fallback: popularity` counts. */
const trainingWindows = 2;

/** One side of a fold: what trains, and who is tested. */
export interface Side {
  data: LearningData;
  cases: CaseSet;
}

/** A fold: the inner split is inside the outer one's training data. */
export interface Fold {
  inner: Side;
  outer: Side;
}

/** Both sides of a fold, packed into the pool's memory. */
export function foldOfSet(pool: KernelPool, set: DataSet, fold: number): Fold {
  if (set.acquisitions === undefined) {
    const outer = leaveOneOut(set.sets, fold);
    return { inner: side(pool, set, innerLeaveOneOut(outer, fold), 0), outer: side(pool, set, outer, 0) };
  }
  const split = (at: number) => side(pool, set, temporalSplit(set.acquisitions!, set.sets.length, at, set.window), at);
  return { inner: split(fold - set.window), outer: split(fold) };
}

function side(pool: KernelPool, set: DataSet, split: Split, at: number): Side {
  const { items, contexts, acquisitions } = set;
  const bands = acquisitions === undefined ? 1 : bandDays.length + 1;
  const order = columnOrder(split.train, { items, constant: true, bands, ...(contexts && { contexts }) });
  const factsOf = factsAt(set, at);
  const holdings = packed(
    pool,
    order,
    split.train.map((held, customer) => basketOf(order, held, factsOf(customer))),
  );
  const data: LearningData = { holdings, bandWeights: Array.from({ length: bands }, () => 1) };
  if (acquisitions !== undefined) data.acquisitions = packed(pool, order, acquisitionBaskets(set, order, at));
  const allowed = Uint8Array.from(order.names, (_, column) => (column < items.length ? 1 : 0));
  return { data, cases: { cases: casesOf(order, split.test, factsOf), allowed, popularity: holders(holdings) } };
}

function packed(pool: KernelPool, order: ColumnOrder, baskets: readonly BasketEntry[][]): TrainingSet {
  const table = tableOfBaskets(pool.memory, order, baskets);
  return { pool, table, range: { from: 0, to: table.rows } };
}

/** State of each customer at a date: contexts, and the recency band of what they hold. */
function factsAt({ contexts, acquisitions }: DataSet, at: number): (customer: number) => SetCustomer {
  if (acquisitions === undefined) return (customer) => ({ contexts: contexts?.[customer] });
  const times = new Map(acquisitions.map(({ customer, item, time }) => [`${customer} ${item}`, time]));
  const band = (days: number) => bandDays.reduce((count, limit) => count + (days > limit ? 1 : 0), 0);
  return (customer) => ({
    contexts: contexts?.[customer],
    bandOf: (item) => band(at - required(times, `${customer} ${item}`)),
  });
}

/** For each window before the date: what each customer held at its start, with one thing that they acquired in it. */
function acquisitionBaskets(set: DataSet, order: ColumnOrder, at: number): BasketEntry[][] {
  const baskets: BasketEntry[][] = [];
  for (let window = 1; window <= trainingWindows; window++) {
    const start = at - window * set.window;
    const facts = factsAt(set, start);
    const held: number[][] = set.sets.map(() => []);
    const taken: number[][] = set.sets.map(() => []);
    for (const { customer, item, time } of set.acquisitions!) {
      if (time < start) held[customer]!.push(item);
      else if (time < start + set.window) taken[customer]!.push(item);
    }
    for (const [customer, items] of taken.entries()) {
      for (const item of items) {
        const acquired = { column: order.columnOf[item]!, band: acquiredBand };
        const basket = [...basketOf(order, held[customer]!, facts(customer)), acquired];
        baskets.push(basket.sort((a, b) => a.column - b.column));
      }
    }
  }
  return baskets;
}
