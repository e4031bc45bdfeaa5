import type { PublishedRows } from '../report/figures.ts';
import { readJson } from '../run/files.ts';
import { type PopularityCounts, popularityFile } from './baskets.ts';
import type { HiveRun } from './hive-run.ts';
import { weightedLists } from './publish.ts';

/** Published rows of a run with pushdown, for the report: lists with their customers; holders are counted by equivalence group. */
export async function rowsOfUnits(hiveRun: HiveRun): Promise<PublishedRows> {
  const { context } = hiveRun;
  const { text } = (await context.snapshot()).engine.dialect;
  const { products } = (await readJson<PopularityCounts>(context.folder.file(popularityFile)))!;
  const values = products.map(({ product, held }) => `(${product}, ${held})`).join(', ') || '(-1, 0)';
  const held =
    `(SELECT coalesce(r.code, p.code) AS code, p.class, held FROM (VALUES ${values}) h(product, held)` +
    ' JOIN products p USING (product) LEFT JOIN products r ON r.product = p.representative)';
  return { recommendations: weightedLists(hiveRun, text), customers: 'sum(customers)', held };
}
