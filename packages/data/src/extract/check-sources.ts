import { groupBy } from '@basketwise/core/parts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { checkContacts } from './contacts.ts';
import { checkIds } from './customer-ids.ts';
import { checkCustomerValues } from './customer-values.ts';
import { checkHistory } from './history.ts';
import { checkHoldingDates, countOpened } from './holdings.ts';
import { readValues } from './offers.ts';
import { readProductTable } from './products.ts';
import type { ExtractRequest } from './request.ts';
import { openSources } from './sources.ts';

/** Number of rows of each table. */
export type SourceRows = Readonly<Record<'customers' | 'products' | 'holdings', number>>;

/** Sizes that determine how many choices models learn from. */
export interface ChoiceSizes {
  /** Number of holdings opened after `since`, up to the reference date. Null without `since`, or if holdings have no dates. */
  recent: number | null;
  /** Number of products of the class with most products. */
  widestClass: number;
}

/** Tables that were checked, and can be extracted. */
export interface CheckedSources {
  rows: SourceRows;
  /** Sizes that determine how many choices models learn from. */
  choices: ChoiceSizes;
  /** Columns of customers that may contain consent to be contacted. Empty if a rule uses one of them. */
  consents: readonly string[];
}

/**
 * Checks that a request can be extracted, and counts the rows of its tables. It checks tables, columns, types, expressions,
 * values of customers, days of holdings, products, values of offers, and contacts. The rows of the history, and the guards, are
 * checked only by a run. Writes nothing.
 * @param options `since`: ISO date after which opened holdings are counted
 * @throws AppError as the extraction itself would
 */
export async function checkSources(
  engine: Engine,
  request: ExtractRequest,
  options: StatementOptions & { since?: string } = {},
): Promise<CheckedSources> {
  const sources = await openSources(engine, request, options);
  const { customers, products, holdings } = sources;
  await checkCustomerValues(engine, customers, request, options);
  await checkIds(engine, customers, request, options);
  await checkHistory(engine, request, sources, options);
  await checkHoldingDates(engine, holdings, request, options);
  const known = await readProductTable(engine, products, request, options);
  if (request.offers) await readValues(engine, products, request, known, options);
  if (request.offers?.contacts) await checkContacts(engine, customers, request, known, options);
  const { since } = options;
  const recent =
    since === undefined || !request.holdings.date ? null : await countOpened(engine, holdings, request, since, options);
  const sizes = groupBy(known, (product) => product.class).map(({ length }) => length);
  return {
    rows: { customers: customers.rows, products: products.rows, holdings: holdings.rows },
    ...{ choices: { recent, widestClass: Math.max(0, ...sizes) }, consents: sources.consents },
  };
}
