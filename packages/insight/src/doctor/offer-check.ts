import { join } from 'node:path';
import { createInlinePool, type PlainDate, type Product, required } from '@basketwise/core/parts';
import type { ExtractRequest } from '@basketwise/data';
import { extractProducts, type SourceTable } from '@basketwise/data/engine';
import { decideVariants, nothingRests, offeredItems, ProductCodes, variantsOf } from '@basketwise/offers';
import type { Config } from '@basketwise/pipeline';
import { planCampaigns, requestTo, type Source } from '@basketwise/pipeline/parts';
import { type ListEntry, singleList } from '../explain/single-list.ts';

/**
 * Checks the products and classes that the offers of a config name, and that all products on sale have a value. It decides like a run, for
 * no customers, with all products on sale in the lists of their campaigns.
 * @param folder of temporary files
 * @throws AppError config, as the decision of a run does
 */
export async function checkOfferedProducts(source: Source, config: Config, date: PlainDate, folder: string): Promise<void> {
  const { offers } = config;
  if (!offers) return;
  const products = await readProducts(source, requestTo(source, config, date), folder);
  const codes = new ProductCodes(products);
  const campaigns = planCampaigns(config).map((plan) => singleList(plan.name, onSale(products, plan.class), 0));
  await decideVariants({
    ...{ pool: createInlinePool(), products, codes, campaigns, items: offeredItems(campaigns, codes, offers) },
    ...{ variants: variantsOf(offers), inVariant: null, resting: nothingRests(0) },
    // a column of values is checked when it is read
    values: products.map(() => 1),
    groups: { group: new Uint32Array(0), groups: 1, of: () => [0] },
    drawing: Promise.resolve({ control: new Uint8Array(0), order: new Uint32Array(0) }),
  });
}

/** Products of the bank, as a run reads them. */
async function readProducts({ engine, workbench }: Source, request: ExtractRequest, folder: string): Promise<Product[]> {
  const { code, name, class: of, group } = request.products;
  const statement = { place: 'tables.products' };
  const text = [code, name, of, group].filter((column) => typeof column === 'string');
  const relation = await engine.relation(request.products, { ...statement, text });
  const columns = await engine.columns(`${relation.from} products`, statement);
  const kinds = new Map(columns.map((column) => [column.name.toLowerCase(), engine.dialect.kindOf(column.type)]));
  const typeOf: SourceTable['typeOf'] = (column) => required(kinds, column.toLowerCase());
  const table = { ...relation, rows: 1, raw: relation.from, zoned: [], typeOf };
  return extractProducts(engine, workbench, table, request, join(folder, 'products.parquet'), statement);
}

/** All products of a class on sale. */
function onSale(products: readonly Product[], of: string): ListEntry[] {
  const listed = products.filter((one) => one.class === of && one.representative === one.product);
  return listed.map(({ product }) => ({ product, probability: 0 }));
}
