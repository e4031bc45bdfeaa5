import type { Engine, StatementOptions } from '../engine/engine.ts';
import { checkCustomerNumbers } from './customers.ts';
import { checkSince } from './features.ts';
import { checkHistory } from './history.ts';
import { openContacts } from './offers.ts';
import { readProductTable } from './products.ts';
import type { ExtractRequest } from './request.ts';
import { openSources } from './sources.ts';

/** Number of rows of each table. */
export type SourceRows = Readonly<Record<'customers' | 'products' | 'holdings', number>>;

/** Tables that can be extracted. */
export interface CheckedSources {
  rows: SourceRows;
  /** Columns of customers that may contain consent to be addressed. Empty if a rule uses one of them. */
  consents: readonly string[];
}

/**
 * Checks that a request can be extracted: tables, columns, types, expressions, texts of numbers, days of joining and the products.
 * Counts the rows. Writes nothing.
 * @throws AppError as the extraction itself would
 */
export async function checkSources(
  engine: Engine,
  request: ExtractRequest,
  options: StatementOptions = {},
): Promise<CheckedSources> {
  const sources = await openSources(engine, request, options);
  const { customers, products, holdings } = sources;
  await checkCustomerNumbers(engine, customers, request, options);
  await checkSince(engine, customers, request, options);
  await checkHistory(engine, request, sources, options);
  await readProductTable(engine, products, request, options);
  if (request.offers?.contacts) await openContacts(engine, request.offers.contacts, options);
  return { rows: { customers: customers.rows, products: products.rows, holdings: holdings.rows }, consents: sources.consents };
}
