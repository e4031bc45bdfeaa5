import { type BasketEntry, type Csr, CsrBuilder, daysSinceEpoch, noDate, type PlainDate } from '@basketwise/core';
import { localRows, queryRows } from '@basketwise/data';
import { writeJson } from '@basketwise/data/base';
import { planCampaigns, type RunContext, type StageResult } from '@basketwise/pipeline';
import { bandCutoffs } from '@basketwise/recommend';
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

/** Entry of a basket in a text from the server. `column` is the number of the product. */
interface TextEntry extends BasketEntry {
  /** Whether the server marked the product as recently purchased. */
  isNew: boolean;
}

/**
 * Parses a basket in the server's format: `product:band` for each entry, or `product:band:1` for a recent purchase, separated by
 * commas. An empty text is an empty basket.
 */
export function entriesOfText(basket: string): TextEntry[] {
  if (basket === '') return [];
  return basket.split(',').map((entry) => {
    const [column, band, mark] = entry.split(':').map(Number) as [number, number, number | undefined];
    return { column, band, isNew: mark === 1 };
  });
}

/**
 * Converts baskets as of a date to a sparse matrix, one row per basket. The matrix is in kernel memory until the caller releases
 * it.
 */
export async function csrOf(context: RunContext, date: PlainDate, baskets: readonly (readonly BasketEntry[])[]): Promise<Csr> {
  const products = await (await context.snapshot()).products();
  const cutoffs = bandCutoffs(context.settings.config, date);
  const dayOf = [...cutoffs, noDate];
  const builder = new CsrBuilder({
    ...{ pool: await context.pool(), customers: baskets.length, products: products.length },
    ...{ referenceDay: daysSinceEpoch(date), cutoffs },
  });
  for (const [i, entries] of baskets.entries()) {
    builder.add({
      customer: new Int32Array(entries.length).fill(i),
      product: Int32Array.from(entries, ({ column }) => column),
      days: Int32Array.from(entries, ({ band }) => dayOf[band]!),
    });
  }
  return await builder.finish();
}
