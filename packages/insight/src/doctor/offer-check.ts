import { join } from 'node:path';
import { type PlainDate, type Product, required } from '@basketwise/core';
import { type ExtractRequest, extractProducts, openRelation, type SourceTable } from '@basketwise/data';
import { unvaluedProducts } from '@basketwise/offers';
import { type Config, planCampaigns, requestTo, type Source } from '@basketwise/pipeline';
import type { Doubt } from './machine.ts';

/**
 * Checks the products and classes that the offers of a config name, and whether all products on sale have a value.
 * @param folder folder for temporary files
 * @returns text about products without a value, which stop a run only if one of them is recommended; null if all products have a
 * value
 * @throws AppError config in the cases in which a run throws it when it decides offers
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
  const unvalued = await unvaluedProducts(products, offers, planCampaigns(config));
  return unvalued.length === 0 ? null : unvaluedText(unvalued);
}

function unvaluedText([first, ...more]: readonly Product[]): Doubt {
  const others = more.length === 0 ? '' : `, nor have ${more.length} more`;
  return {
    text: `offers.value: product ${first!.code} of class ${first!.class} is on sale, but has no value${others}`,
    hint: 'A run that recommends one ends with 78. Name it under products, or its class under classes, or give `others`.',
  };
}

/** Products of the bank, read as a run reads them. */
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
