import { AppError } from '@basketwise/core';
import type { SnapshotManifest } from '@basketwise/data';
import type { Config } from '../config/schema.ts';

const acceptHint = 'Look at what was delivered; if it is right, run with --accept-drop or change guards.';

/**
 * Stops a run whose data cannot be right: far fewer rows than the last successful run had, or holdings of products that are not there.
 * @throws AppError bad-data naming the numbers
 */
export function checkGuards(config: Config, now: SnapshotManifest, before: SnapshotManifest | undefined): void {
  checkUnknownProducts(config, now);
  if (before) checkRowDrop(config, now, before);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function checkRowDrop({ guards }: Config, now: SnapshotManifest, before: SnapshotManifest): void {
  const tables = [
    ['customers', before.customers.kept, now.customers.kept],
    ['products', before.products.read, now.products.read],
    ['holdings', before.holdings.kept, now.holdings.kept],
  ] as const;
  const dropped = tables.filter(([, then, today]) => then > 0 && (then - today) / then > guards.max_row_drop);
  if (dropped.length === 0) return;
  const said = dropped.map(([table, then, today]) => `${table} ${then} -> ${today} (-${percent((then - today) / then)})`);
  const limit = `guards.max_row_drop is ${percent(guards.max_row_drop)}`;
  throw new AppError('bad-data', `fewer rows than in the last successful run: ${said.join(', ')}; ${limit}`, acceptHint);
}

function checkUnknownProducts({ guards }: Config, { holdings, unknownProducts }: SnapshotManifest): void {
  const { unknownProduct, read } = holdings;
  if (read === 0 || unknownProduct / read <= guards.max_unknown_products) return;
  const listed = unknownProducts.listed.slice(0, 5).map(({ product, holdings: count }) => `${product} (${count})`);
  const more = unknownProducts.distinct > listed.length ? ', ...' : '';
  throw new AppError(
    'bad-data',
    `${unknownProduct} of ${read} holdings point at ${unknownProducts.distinct} products that the products table lacks: ${listed.join(', ')}${more}`,
    `Complete the products table. ${acceptHint}`,
  );
}
