import { log2 } from '@basketwise/core/parts';
/**
 * Ranks of one customer's test products (the targets) in the list of unheld products. All ranking metrics are functions of them
 * (docs/evaluation.md).
 */
export interface TargetRanks {
  /** Positions of the targets in the list, ascending, from 1. */
  ranks: readonly number[];
  /** Number of targets, listed or not. */
  targets: number;
}

/** Ranks of `truth` in a complete `list`. */
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

/** 1 if at least one target is among the first k, else 0. */
export function hitRate(outcome: TargetRanks, k: number): number {
  return hits(outcome, k) > 0 ? 1 : 0;
}

/** Share of the first k entries that are targets. Entries that a short list lacks count as misses. */
export function precision(outcome: TargetRanks, k: number): number {
  return hits(outcome, k) / k;
}

/** Share of the targets that are among the first k. 0 without targets. */
export function recall(outcome: TargetRanks, k: number): number {
  return outcome.targets === 0 ? 0 : hits(outcome, k) / outcome.targets;
}

/**
 * Average precision at k: sum of precision at each hit within k, over min(k, targets). Without k: the whole list, over all
 * targets.
 */
export function averagePrecision(outcome: TargetRanks, k = Number.POSITIVE_INFINITY): number {
  if (outcome.targets === 0) return 0;
  let sum = 0;
  for (let i = 0; i < hits(outcome, k); i++) sum += (i + 1) / outcome.ranks[i]!;
  return sum / Math.min(k, outcome.targets);
}

const discount = (rank: number) => 1 / log2(rank + 1);

/** Discounted gain of the targets within k, over that of the best possible list for as many targets. 0 without targets. */
export function ndcg(outcome: TargetRanks, k: number): number {
  let gain = 0;
  for (let i = 0; i < hits(outcome, k); i++) gain += discount(outcome.ranks[i]!);
  let ideal = 0;
  for (let rank = 1; rank <= Math.min(k, outcome.targets); rank++) ideal += discount(rank);
  return ideal === 0 ? 0 : gain / ideal;
}

/** 1 over the rank of the first target. 0 if the list contains none. */
export function reciprocalRank(outcome: TargetRanks): number {
  return outcome.ranks.length === 0 ? 0 : 1 / outcome.ranks[0]!;
}

/** Metrics that depend on the length of the list. */
export const metricNames = ['hit rate', 'precision', 'recall', 'map', 'ndcg'] as const;

/** Name of a metric that depends on the length. */
export type MetricName = (typeof metricNames)[number];

const functions: Readonly<Record<MetricName, (outcome: TargetRanks, k: number) => number>> = {
  'hit rate': hitRate,
  precision,
  recall,
  map: averagePrecision,
  ndcg,
};

/** Metric of one customer at length k. */
export function metric(name: MetricName, outcome: TargetRanks, k: number): number {
  return functions[name](outcome, k);
}
