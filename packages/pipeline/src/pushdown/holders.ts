import type { GroupHolders } from '@basketwise/core/advice';
import { readJson } from '../run/files.ts';
import { type PopularityCounts, popularityFile } from './baskets.ts';
import type { HiveRun } from './hive-run.ts';

/** Customers who hold each product group, as the server has counted them. */
export async function holdersInHive({ context }: HiveRun): Promise<readonly GroupHolders[]> {
  const known = await (await context.snapshot()).products();
  const { products } = (await readJson<PopularityCounts>(context.folder.file(popularityFile)))!;
  return products.map(({ product, held }) => ({ group: known[product]!.groupKey, held }));
}
