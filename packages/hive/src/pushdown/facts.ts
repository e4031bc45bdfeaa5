import type { Product } from '@basketwise/core';
import { sinceColumn } from '@basketwise/data';
import type { CampaignPlan } from '@basketwise/recommend';
import { basketColumns, productClasses } from '../server/condense.ts';
import { contextColumn, contextItems } from './features.ts';
import type { HiveRun } from './hive-run.ts';

/** Separator between the parts of a basket row's text (see `CampaignUnits.unit`). */
export const unitMark = '|';

/**
 * Makes the table of facts in Hive. It has one row per customer, and every column that a campaign needs for grouping customers by
 * basket row:
 * - `customer`
 * - `cluster_0`, ...: cluster by scheme (-1: none)
 * - `failed`: one digit per rule, 1 if it is not true
 * - `b0`, ...: basket by product class (empty: none)
 * - `recent`: recent purchases
 * - `since`: day of joining, if the config names it
 * - `context_0`, ...: features (see `contextItems`)
 */
export async function makeFacts(hiveRun: HiveRun): Promise<void> {
  const { context, tables, at } = hiveRun;
  const { clusters, rules, tables: described } = context.settings.config;
  const products = await (await context.snapshot()).products();
  const schemes = Object.keys(clusters);
  const failed = rules.map((_, i) => `CASE WHEN c.rule_${i} THEN '0' ELSE '1' END`);
  const items = [
    'c.id AS customer',
    ...schemes.map((_, i) => `CAST(coalesce(k${i}.cluster, -1) AS int) AS cluster_${i}`),
    `concat(${["''", ...failed].join(', ')}) AS failed`,
    ...[...basketColumns(products), 'recent'].map((name) => `coalesce(b.${name}, '') AS ${name}`),
    ...(await contextItems(hiveRun)),
    ...(described.customers.since === undefined ? [] : [`c.${sinceColumn} AS since`]),
  ];
  const joined = schemes.map((_, i) => ` LEFT JOIN ${tables.named(`cluster_${i}`)} k${i} ON c.id = k${i}.k0`);
  const source = `${tables.named('customers')} c LEFT JOIN ${tables.named('baskets')} b ON c.id = b.customer${joined.join('')}`;
  await tables.make('facts', `SELECT ${items.join(', ')} FROM ${source}`, at('pushdown'));
}

/** How a campaign groups the rows of the table of facts: SQL expressions for the basket row and for membership. */
export interface CampaignUnits {
  /**
   * Expression for the text of the basket row: cluster | failed rules | 1 if the class is held | basket | features. Features are
   * empty if the campaign's model ranks by none.
   */
  unit: string;
  /** Predicate that is true for the customers of the campaign. */
  member: string;
}

/** SQL expressions for the basket rows of a campaign. Customers of one row have the same scores. */
export async function campaignUnits(
  { context }: HiveRun,
  plan: CampaignPlan,
  products: readonly Product[],
): Promise<CampaignUnits> {
  const { clusters } = context.settings.config;
  const schemes = Object.keys(clusters);
  const classes = productClasses(products);
  const held = (name: string) => (classes.includes(name) ? `b${classes.indexOf(name)}` : "''");
  const baskets = plan.columns.map((name) => `CASE WHEN ${held(name)} <> '' THEN ${held(name)} END`);
  const cluster = plan.scheme === null ? "'-1'" : `CAST(cluster_${schemes.indexOf(plan.scheme)} AS string)`;
  const known = plan.spec === null ? await contextColumn(context, 0) : null;
  const failed = `concat(${["''", ...plan.rules.map((rule) => `substr(failed, ${rule + 1}, 1)`)].join(', ')})`;
  const isHolder = `CASE WHEN ${held(plan.class)} <> '' THEN '1' ELSE '0' END`;
  return {
    unit: `concat_ws('${unitMark}', ${cluster}, ${failed}, ${isHolder}, concat_ws(',', ${baskets.join(', ')}), ${known ?? "''"})`,
    member: plan.kind === 'cross' || plan.train === 'all' ? 'TRUE' : `${held(plan.class)} <> ''`,
  };
}
