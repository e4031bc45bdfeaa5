import { join } from 'node:path';
import { createInlinePool, type PlainDate, type Product, required } from '@basketwise/core/parts';
import type { ExtractRequest } from '@basketwise/data';
import { extractProducts, openRelation, type SourceTable } from '@basketwise/data/engine';
import { decideVariants, nothingRests, offeredItems, ProductCodes, productsWithoutValue, variantsOf } from '@basketwise/offers';
import type { Config } from '@basketwise/pipeline';
import { planCampaigns, requestTo, type Source } from '@basketwise/pipeline/parts';
import { type ListEntry, singleList } from '../explain/single-list.ts';
import type { Doubt } from './check.ts';

/**
 * Checks the products and classes that the offers of a config name, and whether all products on sale have a value.
 * It decides like a run, without customers, with all products on sale in the lists of their campaigns.
 * @param folder of temporary files
 * @returns text on products without a value, which stop a run only if one is recommended; null if all have one
 * @throws AppError config, as the decision of a run does
 */
export async function checkOfferedProducts(
  source: Source,
  config: Config,
  date: PlainDate,
  folder: string,
): Promise<Doubt | null> {
  const { offers } = config;
  if (!offers) return null;
  const products = await extractedProducts(source, requestTo(source, config, date), folder);
  const codes = new ProductCodes(products);
  // A column of values is checked when it is read.
  const values = products.map(() => 1);
  const variants = variantsOf(offers);
  const listed = (without: readonly Product[]) =>
    planCampaigns(config).map((plan) => singleList(plan.name, onSale(products, plan.class, without), 0));
  const unvalued = productsWithoutValue({ campaigns: listed([]), products, values, codes }, variants);
  const campaigns = listed(unvalued);
  await decideVariants({
    ...{ pool: createInlinePool(), products, codes, campaigns, items: offeredItems(campaigns, codes, offers) },
    ...{ variants, inVariant: null, resting: nothingRests(0), values },
    groups: { group: new Uint32Array(0), groups: 1, of: () => [0] },
    drawing: Promise.resolve({ control: new Uint8Array(0), order: new Uint32Array(0) }),
  });
  return unvalued.length === 0 ? null : unvaluedText(unvalued);
}

function unvaluedText([first, ...more]: readonly Product[]): Doubt {
  const others = more.length === 0 ? '' : `, nor have ${more.length} more`;
  return {
    text: `offers.value: product ${first!.code} of class ${first!.class} is on sale, but has no value${others}`,
    hint: 'A run that recommends one ends with 78. Name it under products, or its class under classes, or give `others`.',
  };
}

/** Products of the bank, as a run reads them. */
async function extractedProducts({ engine, workbench }: Source, request: ExtractRequest, folder: string): Promise<Product[]> {
  const { code, name, class: of, group } = request.products;
  const statement = { place: 'tables.products' };
  const text = [code, name, of, group].filter((column) => typeof column === 'string');
  const relation = await openRelation(engine, request.products, { ...statement, text });
  const columns = await engine.columns(`${relation.from} products`, statement);
  const kinds = new Map(columns.map((column) => [column.name.toLowerCase(), engine.dialect.kindOf(column.type)]));
  const typeOf: SourceTable['typeOf'] = (column) => required(kinds, column.toLowerCase());
  const table = { ...relation, rows: 1, raw: relation.from, zoned: [], typeOf };
  return extractProducts(engine, workbench, table, request, join(folder, 'products.parquet'), statement);
}

/** All products of a class on sale, except some. */
function onSale(products: readonly Product[], of: string, without: readonly Product[]): ListEntry[] {
  const offered = products.filter((one) => one.class === of && one.representative === one.product);
  const listed = offered.filter((one) => !without.includes(one));
  return listed.map(({ product }) => ({ product, probability: 0 }));
}
