import { required } from '@basketwise/core';
import { type PublishedCount, publishedCount } from '@basketwise/data/base';
import { type ComparedModel, type ComparisonOptions, compareModels, type ModelValues } from './compare-models.ts';
import type { TestedCase } from './tested.ts';

/** Results of models over several campaigns together. */
export interface PooledEvaluation {
  /** Class of the campaigns. Null: all campaigns. */
  class: string | null;
  campaigns: string[];
  /**
   * Number of test customers. A customer counts once per window, with the mean over the campaigns in which the customer was
   * tested.
   */
  tested: PublishedCount;
  /** Results of the models that were tested in every one of these campaigns. */
  models: ComparedModel[];
}

/** Test customers of one campaign, with the metrics of its models. */
export interface PoolMember {
  campaign: string;
  class: string;
  cases: readonly TestedCase[];
  models: readonly ModelValues[];
}

/**
 * Results over all campaigns together, then over the campaigns of each class. Campaigns with fewer than ten test customers are left
 * out.
 * Empty if no campaign remains.
 */
export function pooledEvaluations(members: readonly PoolMember[], options: ComparisonOptions): PooledEvaluation[] {
  const tested = members.filter(({ cases }) => publishedCount(cases.length));
  if (tested.length === 0) return [];
  const classes = [...new Set(tested.map((member) => member.class))];
  return [null, ...classes].map((of) => {
    const pool = of === null ? tested : tested.filter((member) => member.class === of);
    const keys = [...new Set(pool.flatMap(({ cases }) => cases.map(({ key }) => key)))];
    return {
      class: of,
      campaigns: pool.map(({ campaign }) => campaign),
      tested: publishedCount(keys.length),
      models: compareModels(pooledModels(pool, keys), options),
    };
  });
}

/** Metrics of each customer as means over the customer's campaigns, for the models that all campaigns have. */
function pooledModels(pool: readonly PoolMember[], keys: readonly string[]): ModelValues[] {
  const place = new Map(keys.map((key, at) => [key, at]));
  const count = new Float64Array(keys.length);
  for (const { cases } of pool) for (const { key } of cases) count[required(place, key)]!++;
  const shared = (pool[0]?.models ?? []).filter(({ name }) =>
    pool.every(({ models }) => models.some((model) => model.name === name)),
  );
  return shared.map(({ name, values }) => {
    const pooled = new Map([...values.keys()].map((metric) => [metric, new Float64Array(keys.length)]));
    for (const { cases, models } of pool) {
      const own = models.find((model) => model.name === name)!.values;
      for (const [metric, sum] of pooled) {
        const column = required(own, metric);
        for (const [at, { key }] of cases.entries()) {
          const customer = required(place, key);
          sum[customer]! += column[at]! / count[customer]!;
        }
      }
    }
    return { name, values: pooled };
  });
}
