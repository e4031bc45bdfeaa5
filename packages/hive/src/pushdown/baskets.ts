import { localRows, queryRows } from '@basketwise/data';
import { writeJson } from '@basketwise/pipeline/base';
import type { StageResult } from '@basketwise/pipeline/engine';
import { planCampaigns } from '@basketwise/pipeline/parts';
import { countHoldersInHive } from '../server/condense.ts';
import { campaignUnits } from './facts.ts';
import { fetchLearning } from './fetch-learning.ts';
import type { HiveRun } from './hive-run.ts';

/**
 * File of the basket rows of all campaigns. Columns: campaign, unit (the row as text), customers (their number). Rows of a
 * campaign are in the order of their text.
 */
export const unitsFile = 'baskets.parquet';
export const popularityFile = 'popularity.json';

/** Number of holders of each product, from which popularity is computed. */
export interface PopularityCounts {
  customers: number;
  products: readonly { product: number; held: number; recent: number }[];
  /**
   * For each scheme: `sizes`, the customers of each cluster; `recent`, the customers of a cluster with a recent purchase of a
   * product.
   */
  schemes: Readonly<
    Record<string, { sizes: readonly number[]; recent: readonly { cluster: number; product: number; customers: number }[] }>
  >;
}

/** Groups the customers of each campaign by basket row in Hive. Fetches the distinct rows with their numbers of customers. */
export async function fetchBaskets(
  hiveRun: HiveRun,
  clusters: readonly { scheme: string; sizes: readonly number[] }[],
): Promise<StageResult<{ campaign: string; baskets: number }[]>> {
  const { context, hive, tables } = hiveRun;
  const { engine, products } = await context.snapshot();
  const facts = tables.named('facts');
  const found = engine.temporaryTable();
  await engine.run(`CREATE TABLE ${found} (campaign VARCHAR, unit VARCHAR, customers BIGINT)`);
  const summary = await hiveRun.counted('distinct baskets', async () => {
    const counts: { campaign: string; baskets: number }[] = [];
    for (const plan of planCampaigns(context.settings.config)) {
      context.checkStop();
      context.tell(`baskets of ${plan.name}`);
      const { unit, member } = await campaignUnits(hiveRun, plan, await products());
      const select = `SELECT unit, count(*) AS customers FROM (SELECT ${unit} AS unit FROM ${facts} WHERE ${member}) u GROUP BY unit`;
      const fetched = await localRows(hive, engine, select, ['unit', 'customers'], hiveRun.at(`campaigns.${plan.name}`));
      await engine.run(
        `INSERT INTO ${found} SELECT ${engine.dialect.text(plan.name)}, unit, customers FROM ${fetched} ORDER BY unit`,
      );
      const [row] = await queryRows(engine, `SELECT count(*) AS rows FROM ${fetched}`);
      counts.push({ campaign: plan.name, baskets: Number(row!.rows) });
      await engine.run(`DROP TABLE ${fetched}`);
    }
    return counts;
  });
  await context.copyToParquet(`FROM ${found}`, unitsFile);
  await engine.run(`DROP TABLE ${found}`);
  const popularity = await hiveRun.counted('counts of popular products', () => countPopularity(hiveRun, clusters));
  await writeJson(context.folder.file(popularityFile), popularity);
  const learned = await fetchLearning(hiveRun);
  return { files: [unitsFile, popularityFile, ...learned], summary };
}

async function countPopularity(
  hiveRun: HiveRun,
  clusters: readonly { scheme: string; sizes: readonly number[] }[],
): Promise<PopularityCounts> {
  const { context, hive, tables, at } = hiveRun;
  const options = at('pushdown');
  const customers = (await context.snapshot()).manifest.customers.kept;
  const products = await countHoldersInHive({ hive, tables, options });
  const schemes: Record<string, PopularityCounts['schemes'][string]> = {};
  for (const [i, { scheme, sizes }] of clusters.entries()) {
    const taken = `SELECT cluster_${i} AS cluster, p.product FROM ${tables.named('facts')} LATERAL VIEW explode(split(recent, ',')) p AS product WHERE cluster_${i} >= 0 AND recent <> ''`;
    const sql = `SELECT cluster, product, count(*) AS customers FROM (${taken}) t GROUP BY cluster, product`;
    const rows = await queryRows(hive, sql, options);
    const recent = rows.map((row) => ({
      cluster: Number(row.cluster),
      product: Number(row.product),
      customers: Number(row.customers),
    }));
    schemes[scheme] = { sizes, recent };
  }
  return { customers, products, schemes };
}
