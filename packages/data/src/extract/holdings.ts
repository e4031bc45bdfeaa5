import { createHash } from 'node:crypto';
import { AppError, type Product } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { localRows } from '../duckdb/local-rows.ts';
import { dateHint } from '../engine/date-format.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { FilledColumns, HoldingCounts, SnapshotManifest } from '../snapshot/manifest.ts';
import { openOn, parquetFiles } from '../snapshot/snapshot.ts';
import { daysQuery, newestCertainDay } from './newest-day.ts';
import { mapProducts, type RowCounts, writeUnknownProducts } from './product-texts.ts';
import type { ExtractRequest } from './request.ts';
import { type SortOptions, writeSorted } from './sorted-holdings.ts';
import { faultyRows, type SourceTable } from './source-table.ts';
import { faultyHoldings, holdingColumns, selectHoldings } from './statement.ts';

/** Files of the extracted holdings, and counts of the rows. */
export interface ExtractedHoldings {
  /** Names of the files, in the order of the customers in them. */
  files: readonly string[];
  counts: HoldingCounts;
  byClass: SnapshotManifest['holdingsByClass'];
  unknownProducts: SnapshotManifest['unknownProducts'];
  filled: FilledColumns;
  newestDay: string | undefined;
  /** Number of customers who have no holding that is open on the reference date. */
  withoutHoldings: number;
}

/**
 * Finds the customer and the product of each holding. Counts the holdings whose customer or product is unknown, and writes all
 * others in the order of customer and product.
 * @param to file of the customers, and folder for the holdings
 * @param customers number of customers, and the relation with the ids of customers who joined after the reference date
 */
export async function extractHoldings(
  engine: Engine,
  workbench: DuckdbEngine,
  table: SourceTable,
  request: ExtractRequest,
  products: readonly Product[],
  to: { customers: string; folder: string },
  { kept: customers, later }: { kept: number; later: string | null },
  options: SortOptions,
): Promise<ExtractedHoldings> {
  const statement = { ...options, place: 'tables.holdings' };
  const select = selectHoldings(engine.dialect, table.from, request, table.typeOf);
  const raw = await localRows(engine, workbench, select, holdingColumns, statement);
  const { known, unknown, counts } = await mapProducts(workbench, raw, products, request.holdings.by, statement);
  if (counts.fault > 0) await failOnDates(engine, table, request, counts.fault, options);
  await writeUnknownProducts(to.folder, unknown.listed);
  // A query or a view of the bank may be expensive to run again.
  const isDear = engine === workbench && table.numbered === undefined;
  const { files, joinedLater } = await writeSorted(workbench, { raw, isDear, known, customers, later }, to, statement);
  const reference = workbench.dialect.date(request.referenceDate);
  const written = parquetFiles(workbench.dialect, to.folder, files);
  // Each statement reads the rows sequentially, on one thread.
  const [held, withHoldings, newestDay] = await Promise.all([
    countHeld(workbench, written, reference, options),
    countCustomersInOrder(workbench, `${written} WHERE ${openOn(reference)}`, options),
    newestOpened(workbench, written, reference, options),
  ]);
  const byClass: Record<string, number> = Object.fromEntries(products.map((product) => [product.class, 0]));
  for (const { product, kept } of held) byClass[products[product]!.class]! += kept;
  const all = holdingCounts(table, counts, held, joinedLater);
  return {
    files,
    counts: all,
    ...{ byClass, unknownProducts: { distinct: unknown.distinct }, filled: filledHoldings(request, all, held), newestDay },
    withoutHoldings: customers - withHoldings,
  };
}

/** Numbers of sorted holdings: all, later, closed and undated holdings, each without repeated rows, and repeated rows. */
export type HeldCounts = Pick<HoldingCounts, 'kept' | 'afterReference' | 'closed' | 'undated'> & {
  repeated: number;
  /** Number of holdings with a day of closing, also a later one. */
  ended: number;
};

/**
 * SQL select items that count holdings, for DuckDB and for Hive.
 * @param once expression that is 1 if the row counts, otherwise 0
 * @param again expression of the number of rows that repeat the row
 * @param reference expression of the reference date
 */
export function heldCounts(once: string, again: string, reference: string): string {
  const conditions = {
    kept: 'TRUE',
    after_reference: `opened > ${reference}`,
    closed: `closed <= ${reference} AND (opened IS NULL OR opened <= ${reference})`,
    undated: 'opened IS NULL',
    ended: 'closed IS NOT NULL',
  };
  const sums = Object.entries(conditions).map(([name, is]) => `sum(CASE WHEN ${is} THEN ${once} ELSE 0 END) AS ${name}`);
  return [...sums, `sum(${again}) AS repeated`].join(', ');
}

/** Reads the counts from a row that a query with the items of `heldCounts` returned. */
export function heldCountsOf(row: Readonly<Record<string, unknown>>): HeldCounts {
  const { kept, after_reference: afterReference, closed, undated, repeated, ended } = row;
  return {
    ...{ kept: Number(kept), afterReference: Number(afterReference), closed: Number(closed), undated: Number(undated) },
    ...{ repeated: Number(repeated), ended: Number(ended) },
  };
}

/** Numbers of holdings with a day of opening, with a day of closing, and left out by `where`, whose key has a hash of its SQL. */
export function filledHoldings(
  { holdings: { date, closed, where } }: ExtractRequest,
  { read, excludedByWhere, kept, undated }: HoldingCounts,
  held: readonly Pick<HeldCounts, 'ended'>[],
): FilledColumns {
  const ended = held.reduce((sum, counts) => sum + counts.ended, 0);
  const hash = where && createHash('sha256').update(where).digest('hex').slice(0, 8);
  return {
    ...(date && { [`tables.holdings.${date}`]: { part: kept - undated, whole: kept } }),
    ...(closed && { [`tables.holdings.${closed}`]: { part: ended, whole: kept } }),
    ...(hash && { [`rows left out by tables.holdings.where ${hash}`]: { part: excludedByWhere, whole: read } }),
  };
}

/**
 * Newest day of opening up to the reference date. Undefined without days.
 * @param holdings relation with the column `opened`
 */
export async function newestOpened(
  engine: Engine,
  holdings: string,
  reference: string,
  options: StatementOptions,
): Promise<string | undefined> {
  const opened = `(SELECT opened FROM ${holdings} h WHERE opened <= ${reference})`;
  return newestCertainDay(await queryRows(engine, daysQuery(engine.dialect, 'opened', opened), options));
}

/**
 * Counts sorted holdings by product. Repeated rows stay in the file, because writing it again would take as long as the first
 * time. Readers merge them.
 */
async function countHeld(
  workbench: DuckdbEngine,
  holdings: string,
  reference: string,
  options: StatementOptions,
): Promise<(HeldCounts & { product: number })[]> {
  const rows = `(SELECT product, opened, closed, hash(customer, product, opened, closed) AS row FROM ${holdings})`;
  const isRepeat = 'CAST(row IS NOT DISTINCT FROM lag(row) OVER () AS INTEGER) AS is_repeat';
  const pairs = `(SELECT product, opened, closed, ${isRepeat} FROM ${rows})`;
  const sql = `SELECT product, ${heldCounts('1 - is_repeat', 'is_repeat', reference)} FROM ${pairs} GROUP BY product`;
  return (await queryRows(workbench, sql, options)).map((row) => ({ product: Number(row.product), ...heldCountsOf(row) }));
}

/**
 * Converts counts to the format of the manifest. All rows that are not counted under another reason belong to unknown customers.
 * @param joinedLater rows of customers who joined after the reference date
 * @throws AppError bad-data if more rows were written than read, because two reads of a query gave different rows
 */
export function holdingCounts(
  table: SourceTable,
  { rows, fault: _, ...dropped }: RowCounts,
  held: readonly HeldCounts[],
  joinedLater = 0,
): HoldingCounts {
  const sum = (name: keyof HeldCounts) => held.reduce((total, counts) => total + counts[name], 0);
  const [repeated, kept] = [sum('repeated'), sum('kept')];
  const unknownCustomer =
    rows - dropped.nullCustomer - dropped.nullProduct - dropped.unknownProduct - joinedLater - repeated - kept;
  if (unknownCustomer < 0) {
    throw new AppError(
      'bad-data',
      `tables.holdings: ${table.label} had other rows when it was read again`,
      'Prevent changes of it during a run, and let its query return the same rows each time.',
    );
  }
  return {
    ...{
      read: table.rows,
      excludedByWhere: table.rows - rows,
      ...dropped,
      unknownCustomer,
      ...(joinedLater > 0 && { joinedLater }),
      repeated,
      kept,
    },
    ...{ afterReference: sum('afterReference'), closed: sum('closed'), undated: sum('undated') },
  };
}

/** Counts the customers in holdings that are sorted by customer. */
async function countCustomersInOrder(workbench: DuckdbEngine, holdings: string, options: StatementOptions): Promise<number> {
  const pairs = `(SELECT customer, lag(customer) OVER () AS before FROM ${holdings})`;
  const holders = 'count(*) FILTER (WHERE customer IS DISTINCT FROM before)';
  return (await queryCounts(workbench, { holders }, pairs, options)).holders;
}

/**
 * Checks the dates of the holdings by a query.
 * @throws AppError bad-data with the numbers of rows with invalid dates
 */
export async function checkHoldingDates(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<void> {
  const condition = faultyHoldings(engine.dialect, request, table.typeOf);
  if (condition === 'FALSE') return;
  const { faults } = await queryCounts(engine, { faults: 'count(*)' }, `${table.from} holdings WHERE ${condition}`, options);
  if (faults > 0) await failOnDates(engine, table, request, faults, options);
}

/** Number of holdings opened after a date, up to the reference date. */
export async function countOpened(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  since: string,
  options: StatementOptions,
): Promise<number> {
  const { dialect } = engine;
  const rows = `(${selectHoldings(dialect, table.from, request, table.typeOf)}) holdings`;
  const isRecent = `opened > ${dialect.date(since)} AND opened <= ${dialect.date(request.referenceDate)}`;
  return (await queryCounts(engine, { opened: 'count(*)' }, `${rows} WHERE ${isRecent}`, options)).opened;
}

/**
 * Throws an error for rows with invalid dates.
 * @throws AppError bad-data with the numbers of these rows
 */
export async function failOnDates(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  faults: number,
  options: StatementOptions,
): Promise<never> {
  const { date, closed } = request.holdings;
  const condition = faultyHoldings(engine.dialect, request, table.typeOf);
  throw new AppError(
    'bad-data',
    `tables.holdings: ${[date, closed].filter(Boolean).join(' or ')} of ${table.label} is no date in ${faults} rows${await faultyRows(engine, table.from, condition, options)}`,
    dateHint(', and null or 99991231 for open'),
  );
}
