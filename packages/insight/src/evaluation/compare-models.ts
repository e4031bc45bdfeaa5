import { difference, mean, required } from '@basketwise/core';
import {
  type BootstrapOptions,
  bootstrap,
  type Gap,
  isBestSellers,
  isDifferent,
  leastResamples,
  type MeanInterval,
  type MetricName,
  metric,
  metricNames,
  minimumCustomers,
  reciprocalRank,
  type TargetRanks,
} from '@basketwise/recommend';

/**
 * Metrics of a model for each test customer, by name of the metric. All models of a comparison have the same customers in the
 * same order.
 */
export interface ModelValues {
  name: string;
  values: ReadonlyMap<string, Float64Array>;
}

/** Results of a model in a comparison on the same customers. */
export interface ComparedModel {
  name: string;
  /** Mean of each metric, by name: `mrr`, `ndcg@5` and so on. */
  metrics: Record<string, number>;
  /** Mean NDCG at the list length by which models are compared. */
  ndcg: number;
  /** 95 % interval of `ndcg`. Null if there are too few customers. */
  interval: MeanInterval | null;
  /** Paired differences of `ndcg`: this model minus popularity, and minus the best model. */
  minusPopularity: Gap | null;
  minusBest: Gap | null;
  /** Paired difference of `ndcg`: this model minus the popularity baseline that was best in hindsight. */
  minusBestSellers: Gap | null;
}

/** Settings of a comparison. */
export interface ComparisonOptions extends BootstrapOptions {
  /** Lengths of lists at which metrics are computed. */
  at: readonly number[];
}

/** Name of the metric by which models are compared: NDCG@5 if it is computed, otherwise NDCG at the first list length. */
function comparedMetric(at: readonly number[]): string {
  return `ndcg@${at.includes(5) ? 5 : at[0]!}`;
}

/**
 * Values of each metric, f64[customers], by name: `mrr`, and for each list length `ndcg@5` and so on.
 * @param topN length of published lists: `mrr` counts no later rank
 */
export function metricValues(outcomes: readonly TargetRanks[], at: readonly number[], topN: number): Map<string, Float64Array> {
  const values = new Map<string, Float64Array>();
  for (const k of at) {
    for (const name of metricNames) {
      values.set(
        `${name}@${k}`,
        Float64Array.from(outcomes, (outcome) => metric(name satisfies MetricName, outcome, k)),
      );
    }
  }
  return values.set(
    'mrr',
    Float64Array.from(outcomes, (outcome) => reciprocalRank(outcome, topN)),
  );
}

/** Metrics of a model for the customers at the positions `rows`. */
export function valuesOfRows({ name, values }: ModelValues, rows: readonly number[]): ModelValues {
  return { name, values: new Map([...values].map(([of, column]) => [of, Float64Array.from(rows, (row) => column[row]!)])) };
}

/** Compares models on the same customers. The first model must be popularity. */
export function compareModels(models: readonly ModelValues[], { at, ...resampling }: ComparisonOptions): ComparedModel[] {
  const metricName = comparedMetric(at);
  const columns = models.map(({ values }) => required(values, metricName));
  const means = columns.map(mean);
  const best = means.reduce((a, mean, i) => (mean > means[a]! ? i : a), 0);
  const ofSellers = means.flatMap((mean, i) => (isBestSellers(models[i]!.name) || i === 0 ? [{ mean, i }] : []));
  const seller = ofSellers.reduce((a, b) => (b.mean > a.mean ? b : a), ofSellers[0] ?? { mean: 0, i: 0 }).i;
  const minus = (other: number) => columns.map((column) => difference(column, columns[other]!));
  const enough = (columns[0]?.length ?? 0) >= minimumCustomers && resampling.resamples >= leastResamples;
  const found = enough ? bootstrap([...columns, ...minus(0), ...minus(best), ...minus(seller)], resampling) : [];
  const gap = (interval: MeanInterval | undefined) => (interval ? { ...interval, level: !isDifferent(interval) } : null);
  return models.map(({ name, values }, i) => ({
    name,
    metrics: Object.fromEntries([...values].map(([of, column]) => [of, mean(column)])),
    ndcg: means[i]!,
    interval: found[i] ?? null,
    minusPopularity: gap(found[models.length + i]),
    minusBest: gap(found[2 * models.length + i]),
    minusBestSellers: gap(found[3 * models.length + i]),
  }));
}
