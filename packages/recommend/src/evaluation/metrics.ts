import { log2 } from '@basketwise/core';
/**
 * Ranks of one customer's targets (purchased or held-out products) in a ranking of the products that the customer does not hold. All ranking metrics
 * are functions of these ranks (docs/models.md).
 */
export interface TargetRanks {
  /** Positions of the listed targets, ascending, from 1. */
  ranks: readonly number[];
  /** Number of targets, including targets that the list lacks. */
  targets: number;
}

/** Ranks of the targets `truth` in a list. */
export function ranksInList<T>(list: readonly T[], truth: readonly T[]): TargetRanks {
  const wanted = new Set(truth);
  const ranks = list.flatMap((product, i) => (wanted.has(product) ? [i + 1] : []));
  return { ranks, targets: wanted.size };
}

function hits(outcome: TargetRanks, k: number): number {
  let count = 0;
  while (count < outcome.ranks.length && outcome.ranks[count]! <= k) count++;
  return count;
}

/** 1 if at least one target is among the first k entries, otherwise 0. */
export function hitRate(outcome: TargetRanks, k: number): number {
  return hits(outcome, k) > 0 ? 1 : 0;
}

/** Share of the first k entries that are targets. A list with fewer than k entries is still divided by k. */
export function precision(outcome: TargetRanks, k: number): number {
  return hits(outcome, k) / k;
}

/** Share of the targets that are among the first k entries. 0 if there are no targets. */
export function recall(outcome: TargetRanks, k: number): number {
  return outcome.targets === 0 ? 0 : hits(outcome, k) / outcome.targets;
}

/**
 * Average precision at k: sum of the precision at each hit among the first k entries, divided by min(k, number of targets). Without k, the whole list
 * counts and the sum is divided by the number of targets.
 */
export function averagePrecision(outcome: TargetRanks, k = Number.POSITIVE_INFINITY): number {
  if (outcome.targets === 0) return 0;
  let sum = 0;
  for (let i = 0; i < hits(outcome, k); i++) sum += (i + 1) / outcome.ranks[i]!;
  return sum / Math.min(k, outcome.targets);
}

const discount = (rank: number) => 1 / log2(rank + 1);

/**
 * NDCG at k: the sum of 1 / log2(rank + 1) over the targets among the first k entries. It is divided by the sum of the best possible list. 0 if there
 * are no targets.
 */
export function ndcg(outcome: TargetRanks, k: number): number {
  let gain = 0;
  for (let i = 0; i < hits(outcome, k); i++) gain += discount(outcome.ranks[i]!);
  let ideal = 0;
  for (let rank = 1; rank <= Math.min(k, outcome.targets); rank++) ideal += discount(rank);
  return ideal === 0 ? 0 : gain / ideal;
}

/** Reciprocal of the first target's rank. 0 if no target is among the first k entries. Without k, the whole list counts. */
export function reciprocalRank(outcome: TargetRanks, k = Number.POSITIVE_INFINITY): number {
  return hits(outcome, k) === 0 ? 0 : 1 / outcome.ranks[0]!;
}

/** Names of the metrics that depend on a list length k. */
export const metricNames = ['hit rate', 'precision', 'recall', 'map', 'ndcg'] as const;

/** Name of a metric that depends on a list length k. */
export type MetricName = (typeof metricNames)[number];

const functions: Readonly<Record<MetricName, (outcome: TargetRanks, k: number) => number>> = {
  'hit rate': hitRate,
  precision,
  recall,
  map: averagePrecision,
  ndcg,
};

/** Value of a metric for one customer at list length k. */
export function metric(name: MetricName, outcome: TargetRanks, k: number): number {
  return functions[name](outcome, k);
}
