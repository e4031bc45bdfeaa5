import { heldRelation, type PublishedRows } from '../report/figures.ts';
import { readJson } from '../run/files.ts';
import { type PopularityCounts, popularityFile } from './baskets.ts';
import type { HiveRun } from './hive-run.ts';
import { weightedLists } from './publish.ts';

/** Published rows of a run with pushdown, for the report: lists with their customers; holders are counted by equivalence group. */
export async function rowsOfUnits(hiveRun: HiveRun): Promise<PublishedRows> {
  const { context } = hiveRun;
  const { engine, products: all } = await context.snapshot();
  const known = await all();
  const { products } = (await readJson<PopularityCounts>(context.folder.file(popularityFile)))!;
  const held = heldRelation(
    engine,
    products.map(({ product, held: customers }) => ({ group: known[product]!.groupKey, held: customers })),
  );
  return { recommendations: weightedLists(hiveRun, engine.dialect.text), customers: 'sum(customers)', held };
}
