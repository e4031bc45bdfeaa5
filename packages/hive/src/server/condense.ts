import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Product, required } from '@basketwise/core';
import {
  addedColumns,
  type ColumnBatch,
  checkCustomerValues,
  countCustomers,
  countJoined,
  countLater,
  countProducts,
  type DuckdbEngine,
  type ExtractRequest,
  extractProducts,
  failOnDates,
  featuresInCustomers,
  filledHoldings,
  filledProducts,
  type HeldCounts,
  heldCounts,
  heldCountsOf,
  holdingCounts,
  joinedWhen,
  joinHoldings,
  judgeCustomers,
  type KnownProduct,
  mapProducts,
  nameBeside,
  newestOpened,
  openOn,
  openSources,
  predicatesOf,
  publishSnapshot,
  queryCounts,
  queryRows,
  type SnapshotManifest,
  type SourceTable,
  type StatementOptions,
  selectCustomers,
  selectHoldings,
  selectIds,
  sourceQueries,
  writeUnknownProducts,
} from '@basketwise/data';
import { hashFile } from '@basketwise/data/base';
import { begunGroups } from '@basketwise/recommend';
import { uploadRows } from './bring.ts';
import type { HiveEngine } from './engine.ts';
import type { RunTables } from './run-tables.ts';

/** Extraction with pushdown: customers and holdings stay in Hive. */
export interface CondenseRequest extends ExtractRequest {
  /** First day of each recency band except the oldest, newest first, as ISO dates. */
  cutoffs: readonly string[];
  /** A holding opened on or after this day is recent. ISO date. */
  recentSince: string;
}

/** Connections and tables that the extraction uses. */
export interface CondenseTools {
  hive: HiveEngine;
  workbench: DuckdbEngine;
  tables: RunTables;
  options: StatementOptions;
  progress?: ((step: string) => void) | undefined;
  /** Adds the rows transferred during `work` to the count of `what`. */
  counted<T>(what: string, work: () => Promise<T>): Promise<T>;
}

/** Product classes in the order of their numbers in tables: class i is the column `b<i>` of the table of baskets. */
export function productClasses(products: readonly Product[]): string[] {
  return [...new Set(products.map((product) => product.class))].sort();
}

/**
 * Extracts, in Hive:
 * - the customers of the reference date, with derived columns, predicates and rules
 * - the holdings whose customer and product are known
 * - for each customer and equivalence group, the latest holding with its recency band
 * - the baskets of each customer, one text per product class Only products, the distinct texts of the product column, and counts
 *   are transferred. Writes products.parquet and manifest.json to the folder.
 * Tables:
 * - `customers`: as `selectCustomers`, with the day of joining if the request names it
 * - `entries`: customer, product, class, band, recent
 * - `baskets`: customer, b0, b1, ..., recent An entry of a basket is `product:band`, both of fixed width. `product` is the first
 *   of its group.
 */
export async function condenseInHive(request: CondenseRequest, folder: string, tools: CondenseTools): Promise<SnapshotManifest> {
  const { hive, workbench, options, progress } = tools;
  const unfinished = `${folder}.unfinished`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    progress?.('check');
    const sources = await openSources(hive, request, options);
    await writeFile(join(unfinished, 'queries.sql'), sourceQueries(hive, sources, request), { mode: 0o600 });
    progress?.('products');
    const file = join(unfinished, 'products.parquet');
    const extracted = () => extractProducts(hive, workbench, sources.products, request, file, options);
    const products = await tools.counted('products', extracted);
    progress?.('customers');
    const { rules, later, filled, ...customers } = await makeCustomers(sources.customers, request, tools);
    progress?.('holdings');
    const ofProducts = await filledProducts(hive, sources.products, request, options);
    const {
      filled: ofHoldings,
      newestDay,
      ...holdings
    } = await makeHoldings(sources.holdings, request, products, later, unfinished, tools);
    progress?.('baskets');
    const { holders, sum } = await makeBaskets(request, products, tools);
    const found: Omit<SnapshotManifest, 'dataHash'> = {
      version: 1,
      referenceDate: request.referenceDate,
      customers: { ...customers, withoutHoldings: customers.kept - holders },
      products: countProducts(products, sources.products),
      ...holdings,
      rules,
      columns: manifestColumns(request),
      ...(sources.consents.length > 0 && { consents: sources.consents }),
      ...(request.features && { features: featuresInCustomers(hive.dialect, request.features) }),
      inHive: true,
    };
    const parts = [await hashFile(file), JSON.stringify(found), String(sum)];
    const apart = {
      filled: { ...filled, ...ofProducts, ...ofHoldings },
      ...(newestDay !== undefined && { newestDay }),
      ...(sources.statuses.length > 0 && { statuses: sources.statuses }),
    };
    const manifest = { ...found, ...apart, dataHash: createHash('sha256').update(parts.join('\0')).digest('hex') };
    await publishSnapshot(unfinished, folder, manifest);
    return manifest;
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined); // Throw the first failure.
    throw cause;
  }
}

/** Columns of customers for the manifest: the columns that were read, and the predicates. */
function manifestColumns(request: CondenseRequest): SnapshotManifest['columns'] {
  return [
    ...request.columns.map(({ name, kind }) => ({ name, kind })),
    ...predicatesOf(request).map(({ name }) => ({ name, kind: 'predicate' as const })),
  ];
}

/** Makes the tables of entries and of baskets. Returns the number of customers with a basket, and a checksum of all baskets. */
async function makeBaskets(request: CondenseRequest, products: readonly Product[], tools: CondenseTools) {
  const { hive, tables, options } = tools;
  await makeEntries(request, tools);
  const baskets = await tables.make('baskets', basketsOf(products, tables.named('entries')), options);
  const sums = { holders: 'count(*)', sum: `sum(crc32(concat_ws('|', customer, ${basketColumns(products).join(', ')})))` };
  return queryCounts(hive, sums, baskets, options);
}

async function makeCustomers(table: SourceTable, request: CondenseRequest, { hive, tables, options }: CondenseTools) {
  const statement = { ...options, place: 'tables.customers' };
  await checkCustomerValues(hive, table, request, statement);
  const own = addedColumns(hive.dialect, request, table.typeOf);
  const joinedLater = await countLater(hive, table, request, statement);
  const when = joinedLater > 0 ? joinedWhen(hive.dialect, request, table.typeOf) : undefined;
  const all = selectCustomers(hive.dialect, table.from, request, [...own.values()], when?.present);
  const mark = nameBeside(request, 'repeated');
  const duplicates = `count(CASE WHEN ${mark} THEN 1 END)`;
  const makeFrom = async (items: string) => {
    const customers = await tables.make('customers', `SELECT ${items} FROM (${all}) c WHERE id IS NOT NULL`, statement);
    const marked = `(SELECT *, row_number() OVER (PARTITION BY id ORDER BY id) > 1 AS ${mark} FROM ${customers}) c`;
    return await countCustomers(hive, marked, table, request, statement, { duplicates });
  };
  const found = await makeFrom('*');
  const counts = found.duplicates === 0 ? found : await makeFrom('DISTINCT *');
  const repeated = found.kept! - counts.kept!;
  const later = when ? `(${selectIds(hive, table.from, request, when.later)})` : null;
  return { ...(await judgeCustomers(hive, table, request, { ...counts, joinedLater, repeated }, statement)), later };
}

/**
 * Makes the table of holdings, with each product replaced by the first one of its equivalence group. Returns the counts of
 * holdings.
 * @param later relation with the ids of customers who joined after the reference date; null for none
 */
async function makeHoldings(
  table: SourceTable,
  request: CondenseRequest,
  products: readonly Product[],
  later: string | null,
  folder: string,
  { hive, tables, options, counted }: CondenseTools,
): Promise<Pick<SnapshotManifest, 'holdings' | 'holdingsByClass' | 'unknownProducts' | 'filled' | 'newestDay'>> {
  const statement = { ...options, place: 'tables.holdings' };
  const raw = `(${selectHoldings(hive.dialect, table.from, request, table.typeOf)})`;
  const { known, unknown, counts } = await counted('texts of products in holdings', () =>
    mapProducts(hive, raw, products, request.holdings.by, statement),
  );
  if (counts.fault > 0) await failOnDates(hive, table, request, counts.fault, statement);
  await writeUnknownProducts(folder, unknown.listed);
  const lookup = await tables.declare('products', { key: 'string', named: 'int', product: 'int', class: 'int' }, statement);
  await uploadRows(hive, lookup, ['key', 'named', 'product', 'class'], [lookupBatch(known, products)], statement);
  const select = joinHoldings(raw, tables.named('customers'), lookup, 'c.id AS customer, p.named, p.product, p.class');
  const holdings = await tables.make('holdings', select, statement);
  const joinedLater = later === null ? 0 : await countJoined(hive, joinHoldings(raw, later, lookup, 'p.product'), statement);
  const held = await countHeldByClass(hive, holdings, hive.dialect.date(request.referenceDate), statement);
  const classes = productClasses(products);
  const byClass: Record<string, number> = Object.fromEntries(classes.map((name) => [name, 0]));
  for (const { kept, class: of } of held) byClass[classes[of]!]! += kept;
  const all = holdingCounts(table, counts, held, joinedLater);
  const newestDay = await newestOpened(hive, holdings, hive.dialect.date(request.referenceDate), statement);
  return {
    holdings: all,
    filled: filledHoldings(request, all, held),
    ...(newestDay !== undefined && { newestDay }),
    unknownProducts: { distinct: unknown.distinct },
    holdingsByClass: byClass,
  };
}

/**
 * Counts holdings by class. Rows with the same customer, product and days as an earlier row are counted as repeated, because
 * baskets have one entry for them.
 */
async function countHeldByClass(
  hive: HiveEngine,
  holdings: string,
  reference: string,
  options: StatementOptions,
): Promise<(HeldCounts & { class: number })[]> {
  const columns = 'customer, named, class, opened, closed';
  const alike = `(SELECT ${columns}, count(*) AS n FROM ${holdings} GROUP BY ${columns}) h`;
  const sql = `SELECT class, ${heldCounts('1', 'n - 1', reference)} FROM ${alike} GROUP BY class`;
  return (await queryRows(hive, sql, options)).map((row) => ({ class: Number(row.class), ...heldCountsOf(row) }));
}

function lookupBatch(known: readonly KnownProduct[], products: readonly Product[]): ColumnBatch {
  const numberOf = new Map(products.map(({ code, product }) => [code, product]));
  const classes = productClasses(products);
  const columns = {
    key: known.map(({ key }) => key),
    named: Int32Array.from(known, ({ product }) => product),
    product: Int32Array.from(known, ({ product }) => required(numberOf, products[product]!.groupKey)),
    class: Int32Array.from(known, ({ product }) => classes.indexOf(products[product]!.class)),
  };
  return { rows: known.length, columns, nulls: {} };
}

/**
 * Makes the table of entries: for each customer and product group, the latest holding that is open on the reference date. Columns
 * give its band, and whether it is recent.
 */
async function makeEntries(
  { referenceDate, cutoffs, recentSince }: CondenseRequest,
  { hive, tables, options }: CondenseTools,
): Promise<void> {
  const { date } = hive.dialect;
  const open = openOn(date(referenceDate));
  const latest = `SELECT customer, product, class, max(opened) AS latest FROM ${tables.named('holdings')} WHERE ${open} GROUP BY customer, product, class`;
  const bands = cutoffs.map((cutoff, band) => `WHEN latest >= ${date(cutoff)} THEN ${band}`);
  const band = cutoffs.length === 0 ? '0' : `CASE ${bands.join(' ')} ELSE ${cutoffs.length} END`;
  const recent = `CASE WHEN latest >= ${date(recentSince)} THEN 1 ELSE 0 END`;
  const select = `SELECT customer, product, class, ${band} AS band, ${recent} AS recent FROM (${latest}) l`;
  await tables.make('entries', select, options);
}

/** Names of the columns of the table of baskets that have baskets: one per class. */
export function basketColumns(products: readonly Product[]): string[] {
  return productClasses(products).map((_, i) => `b${i}`);
}

function basketsOf(products: readonly Product[], entries: string): string {
  const entry = `concat(lpad(CAST(product AS string), ${String(products.length).length}, '0'), ':', lpad(CAST(band AS string), 3, '0'))`;
  const joined = (texts: string) => `concat_ws(',', sort_array(collect_list(${texts})))`;
  const begun = begunGroups(products);
  const upcoming = products.flatMap(({ groupKey, product }) => (begun.has(groupKey) ? [] : [product]));
  const isIn = upcoming.length === 0 ? '' : ` AND product NOT IN (${upcoming.join(', ')})`;
  const columns = basketColumns(products).map(
    (name, i) => `${joined(`CASE WHEN class = ${i}${isIn} THEN ${entry} END`)} AS ${name}`,
  );
  const recent = `${joined('CASE WHEN recent = 1 THEN CAST(product AS string) END')} AS recent`;
  return `SELECT customer, ${[...columns, recent].join(', ')} FROM ${entries} GROUP BY customer`;
}

/** Counts from the table of entries, for each product group: its holders, and the customers with a recent purchase of it. */
export async function countHoldersInHive({
  hive,
  tables,
  options,
}: Pick<CondenseTools, 'hive' | 'tables' | 'options'>): Promise<{ product: number; held: number; recent: number }[]> {
  const sql = `SELECT product, count(*) AS held, sum(recent) AS recent FROM ${tables.named('entries')} GROUP BY product`;
  const rows = await queryRows(hive, sql, options);
  return rows.map(({ product, held, recent }) => ({ product: Number(product), held: Number(held), recent: Number(recent) }));
}
