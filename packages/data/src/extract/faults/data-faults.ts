import { AppError, groupBy } from '@basketwise/core';
import type { Engine, StatementOptions } from '../../engine/engine.ts';
import { queryCounts } from '../../engine/query-rows.ts';
import type { ConsentColumn, UnnamedStatus } from '../../snapshot/manifest.ts';
import { checkContacts } from '../contacts.ts';
import { checkIds } from '../customer-ids.ts';
import { checkCustomerValues } from '../customer-values.ts';
import { openRelation } from '../formatted-columns.ts';
import { checkHistory } from '../history.ts';
import { checkHoldingDates, countOpened } from '../holdings.ts';
import { readValues } from '../offers.ts';
import { readProductTable } from '../products.ts';
import type { ExtractRequest } from '../request.ts';
import { emptyTable, typeLookup } from '../source-table.ts';
import { checkDate, checkKey, openSources } from '../sources.ts';
import { contactFaults } from './contact-faults.ts';
import { customerFaults, derivedFaults, predicateFaults, repeatedIds } from './customer-faults.ts';
import { type DataFault, formatFaults, type OpenTable, type TableRole } from './fault.ts';
import { findHoldingFaults } from './holding-faults.ts';
import { productFaults } from './product-faults.ts';

/** Columns that a request names in one table: keys, dates, and others. */
interface NamedColumns {
  keys: readonly string[];
  dates: readonly (string | null | undefined)[];
  others: readonly (string | null | undefined)[];
}

/** All faults found in a bank's data, and the number of rows of each table that could be opened. */
export interface DataFaults {
  rows: Readonly<Partial<Record<'customers' | 'products' | 'holdings', number>>>;
  faults: readonly DataFault[];
  /** Columns of customers that may say who may be contacted, and that no rule uses. */
  consents: readonly ConsentColumn[];
  /** Columns of holdings that may be a status, with values that the config does not name. */
  statuses: readonly UnnamedStatus[];
}

/**
 * Reads the data as a run does, but continues after a fault. Returns all faults, table by table. Faults name rows by their
 * numbers. Writes nothing.
 */
export async function findDataFaults(
  engine: Engine,
  request: ExtractRequest,
  options: StatementOptions = {},
): Promise<DataFaults> {
  const faults: DataFault[] = [];
  const stop: Stop = (table) => (error) => {
    if (!(error instanceof AppError)) throw error;
    const { message: what, code, hint } = error;
    if (!faults.some((fault) => fault.what === what))
      faults.push({ table, what, rows: null, examples: [], effect: 'stops', code, hint });
    return undefined;
  };
  const tables = await openTables(engine, request, options, stop);
  const { customers, products, holdings } = tables;
  for (const table of [customers, products, holdings])
    if (table) faults.push(...((await formatFaults(table).catch(stop(table.role))) ?? []));
  if (customers) faults.push(...((await customerFaults(customers, request).catch(stop('customers'))) ?? []));
  const found = products && (await productFaults(products, request).catch(stop('products')));
  faults.push(...(found?.faults ?? []));
  if (holdings)
    faults.push(...((await findHoldingFaults(holdings, request, customers, found?.products).catch(stop('holdings'))) ?? []));
  const contacts = request.offers?.contacts;
  if (contacts) {
    const { customer, what, when, answer, by: _, ...source } = contacts;
    const named = { keys: [customer, what], dates: [when], others: [answer] };
    const table = await openForFaults(engine, 'contacts', source, named, options, stop('contacts'));
    const own = table && (await contactFaults(table, contacts, request, customers, found?.products).catch(stop('contacts')));
    faults.push(...((table && (await formatFaults(table).catch(stop('contacts')))) ?? []), ...(own ?? []));
  }
  // Last come faults of SQL, of zones, of derived columns and of the history, which is compared with tables without faults.
  const withoutValues = () => Promise.resolve();
  const isWhole = customers && products && holdings;
  const sources = isWhole && (await openSources(engine, request, options, withoutValues).catch(stop('customers')));
  if (sources && customers) {
    const derived = { ...customers, from: sources.customers.from, typeOf: sources.customers.typeOf };
    faults.push(...((await derivedFaults(derived, request).catch(stop('customers'))) ?? []));
    faults.push(...((await predicateFaults(derived, request).catch(stop('customers'))) ?? []));
    if (faults.every(({ effect }) => effect !== 'stops'))
      await checkHistory(engine, request, sources, options).catch(stop('customers.history'));
  } else if (customers) faults.push(...((await repeatedIds(customers, request, true).catch(stop('customers'))) ?? []));
  const rows = Object.entries(tables).flatMap(([name, table]) => (table ? [[name, table.rows]] : []));
  return { rows: Object.fromEntries(rows), faults, consents: sources?.consents ?? [], statuses: sources?.statuses ?? [] };
}

/** Converts an AppError to a fault of a table. Throws any other error again. */
type Stop = (table: TableRole) => (error: unknown) => undefined;

/** Opens the tables of a request. A table with faults that prevent this is undefined. */
async function openTables(engine: Engine, request: ExtractRequest, options: StatementOptions, stop: Stop) {
  const { customers, products, holdings, derive } = request;
  const isOwn = (name: string | null | undefined) => typeof name === 'string' && !(name in derive);
  const own = request.columns.map(({ name }) => name).filter(isOwn);
  const open = (role: TableRole, source: Parameters<Engine['relation']>[0], columns: NamedColumns) =>
    openForFaults(engine, role, source, columns, options, stop(role));
  return {
    customers: await open('customers', customers, { keys: [customers.id], dates: [customers.since].filter(isOwn), others: own }),
    products: await open('products', products, {
      keys: [],
      dates: [products.saleStart, products.saleEnd],
      others: [products.code, products.name, products.class, products.group],
    }),
    holdings: await open('holdings', holdings, {
      keys: [holdings.customer, holdings.product],
      dates: [holdings.date, holdings.closed],
      others: [],
    }),
  };
}

/** Opens a table. Undefined if the table does not exist, or lacks a column that identifies its rows. */
async function openForFaults(
  engine: Engine,
  role: TableRole,
  source: Parameters<Engine['relation']>[0],
  { keys, dates, others }: NamedColumns,
  options: StatementOptions,
  stop: (error: unknown) => undefined,
): Promise<OpenTable | undefined> {
  const place = `tables.${role}`;
  const text = [...keys, ...(role === 'products' ? others : [])].filter((name) => typeof name === 'string');
  const statement = { ...options, place };
  try {
    const relation = await openRelation(engine, source, { ...statement, text }, keys[0]);
    const columns = await engine.columns(`${relation.from} t`, statement);
    const { rows } = await queryCounts(engine, { rows: 'count(*)' }, `${relation.from} t`, statement);
    // A log of contacts is empty before the first offers.
    if (rows === 0 && role !== 'contacts') throw emptyTable(place, relation.label);
    const named = [...keys, ...dates, ...others];
    const table = {
      ...{ ...relation, role, engine, rows, options: statement },
      typeOf: typeLookup(engine, columns, place, relation.label, named),
    };
    let isWhole = true;
    const attempt = (check: () => void) => {
      try {
        check();
      } catch (error) {
        isWhole = false;
        stop(error);
      }
    };
    for (const name of keys) attempt(() => checkKey(table, role, name));
    for (const name of dates) attempt(() => checkDate(table, role, name));
    for (const name of others) attempt(() => name && table.typeOf(name));
    return isWhole ? table : undefined;
  } catch (error) {
    return stop(error);
  }
}

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
  /** Columns of customers that may say who may be contacted, and that no rule uses. */
  consents: readonly ConsentColumn[];
  /** Columns of holdings that may be a status, with values that the config does not name. */
  statuses: readonly UnnamedStatus[];
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
    statuses: sources.statuses,
  };
}
