import { dirname } from 'node:path';
import { AppError } from '@basketwise/core';
import type { Product } from '@basketwise/core/advice';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { localRows } from '../duckdb/local-rows.ts';
import { appendColumns } from '../duckdb/table-appender.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { HoldingCounts, SnapshotManifest } from '../snapshot/manifest.ts';
import { openOn } from '../snapshot/open-on.ts';
import { dateHint } from './date-hint.ts';
import { faultyRows } from './faulty-rows.ts';
import { comparable, compareUtf8, productKeys } from './product-groups.ts';
import type { ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { holdingColumns, holdingFaults, selectHoldings } from './statement.ts';
import { type UnknownProduct, writeUnknownProducts } from './unknown-products.ts';

/** How many unknown products are listed, most frequent first. */
const listedUnknown = 1000;

/** Why a row is dropped, in order of precedence; 0: kept. */
const reasons = { kept: 0, fault: 1, nullCustomer: 2, nullProduct: 3, unknownProduct: 4, unknownCustomer: 5 } as const;

/** Outcome of extracting the holdings table. */
export interface ExtractedHoldings {
  counts: HoldingCounts;
  byClass: SnapshotManifest['holdingsByClass'];
  unknownProducts: SnapshotManifest['unknownProducts'];
  /** Customers with no holding open on the reference date. */
  withoutHoldings: number;
}

/** Maps holdings to customers and products, counts what is dropped and writes holdings.parquet in order of customer and product. */
export async function extractHoldings(
  engine: Engine,
  workbench: DuckdbEngine,
  table: SourceTable,
  request: ExtractRequest,
  products: readonly Product[],
  files: { customers: string; holdings: string },
  customers: number,
  options: StatementOptions,
): Promise<ExtractedHoldings> {
  const { text, date } = workbench.dialect;
  const statement = { ...options, place: 'tables.holdings' };
  const select = selectHoldings(engine.dialect, table.from, request, table.typeOf);
  const raw = await localRows(engine, workbench, select, holdingColumns, statement);
  const { known, unknown } = await mapProducts(workbench, raw, products, request.holdings.by, statement);
  await writeUnknownProducts(dirname(files.holdings), unknown.listed);
  const classified = workbench.temporaryTable();
  const lookup = await writeLookup(workbench, known);
  const customersFile = `read_parquet(${text(files.customers)})`;
  await workbench.run(
    `CREATE TABLE ${classified} AS ${classifyHoldings(raw, customersFile, lookup, 'c.customer, p.product')}`,
    statement,
  );
  const kept = `${classified} WHERE reason = ${reasons.kept}`;
  const reference = date(request.referenceDate);
  const counts = await countHoldings(workbench, classified, reference, options);
  if (counts.fault > 0) await failOnDates(engine, table, request, counts.fault, options);
  const columns = 'customer, product, opened, closed';
  const sorted = `SELECT ${columns} FROM ${kept} ORDER BY customer, product, opened NULLS FIRST, closed NULLS LAST`;
  await writeHoldings(workbench, sorted, files.holdings, statement);
  const written = `read_parquet(${text(files.holdings)})`;
  const withHoldings = await countHolders(workbench, `${written} WHERE ${openOn(reference)}`, options);
  const repeats = await countRepeats(workbench, written, reference, options);
  const byClass = await countByClass(workbench, kept, products, options);
  for (const { product, kept: rows } of repeats) byClass[products[product]!.class]! -= rows;
  await workbench.run(`DROP TABLE ${classified}`);
  return {
    counts: countOnce(holdingCounts(table, counts), repeats),
    ...{ byClass, unknownProducts: { distinct: unknown.distinct } },
    withoutHoldings: customers - withHoldings,
  };
}

function writeHoldings(workbench: DuckdbEngine, select: string, file: string, options: StatementOptions): Promise<void> {
  return workbench.run(`COPY (${select}) TO ${workbench.dialect.text(file)} (FORMAT parquet, ROW_GROUP_SIZE 122880)`, {
    ...options,
    writing: file,
  });
}

/** Rows that are another row once more. */
export type Repeats = Pick<HoldingCounts, 'kept' | 'afterReference' | 'closed' | 'undated'>;

/** Select items that count repeats, in the SQL of either engine: `rows` is how many a row stands for, `reference` the reference date. */
export function repeatCounts(rows: string, reference: string): string {
  const { afterReference, closed, undated } = keptConditions(reference);
  const sums = Object.entries({ kept: 'TRUE', after_reference: afterReference, closed, undated });
  return sums.map(([name, condition]) => `sum(CASE WHEN ${condition} THEN ${rows} ELSE 0 END) AS ${name}`).join(', ');
}

/**
 * Counts the rows of sorted holdings that are the row before once more, by product. They stay where they are: to write the file again without
 * them would take as long as writing it, and whoever reads it merges them.
 */
async function countRepeats(
  workbench: DuckdbEngine,
  holdings: string,
  reference: string,
  options: StatementOptions,
): Promise<(Repeats & { product: number })[]> {
  const rows = `(SELECT product, opened, closed, hash(customer, product, opened, closed) AS row FROM ${holdings})`;
  const pairs = `(SELECT *, lag(row) OVER () AS before FROM ${rows})`;
  const counts = repeatCounts('1', reference);
  const found = await queryRows(
    workbench,
    `SELECT product, ${counts} FROM ${pairs} WHERE row = before GROUP BY product`,
    options,
  );
  return found.map((row) => ({ product: Number(row.product), ...repeatsOf(row) }));
}

/** A row of counted repeats. */
export function repeatsOf({ kept, after_reference, closed, undated }: Readonly<Record<string, unknown>>): Repeats {
  return { kept: Number(kept), afterReference: Number(after_reference), closed: Number(closed), undated: Number(undated) };
}

/** The counts without the repeats. */
export function countOnce(counts: HoldingCounts, repeats: readonly Repeats[]): HoldingCounts {
  const once: HoldingCounts = { ...counts, repeated: 0 };
  for (const repeat of repeats) {
    once.repeated! += repeat.kept;
    for (const name of ['kept', 'afterReference', 'closed', 'undated'] as const) once[name] -= repeat[name];
  }
  return once;
}

/** Conditions by which kept rows are counted. */
function keptConditions(reference: string): Record<'afterReference' | 'closed' | 'undated', string> {
  return {
    afterReference: `opened > ${reference}`,
    closed: `closed <= ${reference} AND (opened IS NULL OR opened <= ${reference})`,
    undated: 'opened IS NULL',
  };
}

/** Customers of holdings that lie in their order. */
async function countHolders(workbench: DuckdbEngine, holdings: string, options: StatementOptions): Promise<number> {
  const pairs = `(SELECT customer, lag(customer) OVER () AS before FROM ${holdings})`;
  const holders = 'count(*) FILTER (WHERE customer IS DISTINCT FROM before)';
  return (await queryCounts(workbench, { holders }, pairs, options)).holders;
}

/** Rows by class of their product. */
async function countByClass(
  workbench: DuckdbEngine,
  holdings: string,
  products: readonly Product[],
  options: StatementOptions,
): Promise<Record<string, number>> {
  const classes: Record<string, number> = Object.fromEntries(products.map((product) => [product.class, 0]));
  const sql = `SELECT product, CAST(count(*) AS DOUBLE) AS holdings FROM ${holdings} GROUP BY product`;
  for await (const { rows, columns } of workbench.query(sql, options)) {
    for (let row = 0; row < rows; row++) {
      const { class: of } = products[columns.product![row] as number]!;
      classes[of] = classes[of]! + (columns.holdings![row] as number);
    }
  }
  return classes;
}

/** A text of the product column and the product it means. */
export interface KnownProduct {
  key: string;
  product: number;
}

/** Finds what each distinct text of the product column means, once, and counts the texts that mean nothing. */
export async function mapProducts(
  engine: Engine,
  raw: string,
  products: readonly Product[],
  by: 'name' | 'code',
  options: StatementOptions,
): Promise<{ known: readonly KnownProduct[]; unknown: { distinct: number; listed: readonly UnknownProduct[] } }> {
  const keys = productKeys(products, by);
  const known: KnownProduct[] = [];
  const unknown = new Map<string, number>();
  const distinct = `SELECT product, count(*) AS holdings FROM ${raw} h WHERE product IS NOT NULL AND customer IS NOT NULL GROUP BY product`;
  for await (const { rows, columns } of engine.query(distinct, options)) {
    for (let row = 0; row < rows; row++) {
      const key = (columns.product as readonly string[])[row]!;
      const product = keys.get(comparable(key));
      if (product !== undefined) known.push({ key, product });
      else unknown.set(comparable(key), (unknown.get(comparable(key)) ?? 0) + Number(columns.holdings![row]));
    }
  }
  const listed = [...unknown].map(([product, holdings]) => ({ product, holdings }));
  listed.sort((a, b) => b.holdings - a.holdings || compareUtf8(a.product, b.product));
  return { known, unknown: { distinct: unknown.size, listed: listed.slice(0, listedUnknown) } };
}

async function writeLookup(workbench: DuckdbEngine, known: readonly KnownProduct[]): Promise<string> {
  const lookup = workbench.temporaryTable();
  await workbench.run(`CREATE TABLE ${lookup} (key VARCHAR, product INTEGER)`);
  await appendColumns(workbench, lookup, known.length, [
    { values: known.map(({ key }) => key) },
    { values: Int32Array.from(known, ({ product }) => product) },
  ]);
  return lookup;
}

/**
 * Every holding with the reason why it is dropped or kept, in the SQL of either engine.
 * @param customers relation with `id`
 * @param lookup relation with `key`, a text of the product column
 * @param columns select items over c (customers) and p (lookup)
 */
export function classifyHoldings(raw: string, customers: string, lookup: string, columns: string): string {
  return (
    `SELECT ${columns}, h.opened, h.closed, CAST(CASE WHEN h.fault THEN ${reasons.fault}` +
    ` WHEN h.customer IS NULL THEN ${reasons.nullCustomer} WHEN h.product IS NULL THEN ${reasons.nullProduct}` +
    ` WHEN p.key IS NULL THEN ${reasons.unknownProduct} WHEN c.id IS NULL THEN ${reasons.unknownCustomer} ELSE ${reasons.kept} END AS TINYINT) AS reason` +
    ` FROM ${raw} h LEFT JOIN ${customers} c ON h.customer = c.id LEFT JOIN ${lookup} p ON h.product = p.key`
  );
}

type ClassifiedCounts = Omit<HoldingCounts, 'read' | 'excludedByWhere'> & { rows: number; fault: number };

/** Counts classified holdings; `reference` is the reference date in SQL. */
export async function countHoldings(
  engine: Engine,
  classified: string,
  reference: string,
  options: StatementOptions,
): Promise<ClassifiedCounts> {
  const counted = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
  const byReason = Object.entries(reasons).map(([name, code]) => [name, counted(`reason = ${code}`)]);
  const ofKept = Object.entries(keptConditions(reference)).map(([name, is]) => [name, counted(`reason = 0 AND ${is}`)]);
  return await queryCounts(
    engine,
    {
      ...(Object.fromEntries(byReason) as Record<keyof typeof reasons, string>),
      rows: 'count(*)',
      ...(Object.fromEntries(ofKept) as Record<keyof ReturnType<typeof keptConditions>, string>),
    },
    classified,
    options,
  );
}

/** The counts as a manifest has them. */
export function holdingCounts(table: SourceTable, { rows, fault: _, ...kept }: ClassifiedCounts): HoldingCounts {
  return { read: table.rows, excludedByWhere: table.rows - rows, ...kept };
}

/** @throws AppError bad-data naming the rows whose dates are none */
export async function failOnDates(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  faults: number,
  options: StatementOptions,
): Promise<never> {
  const { date, closed } = request.holdings;
  const condition = holdingFaults(engine.dialect, request, table.typeOf);
  throw new AppError(
    'bad-data',
    `tables.holdings: ${[date, closed].filter(Boolean).join(' or ')} of ${table.label} is no date in ${faults} rows${await faultyRows(engine, table.from, condition, options)}`,
    dateHint(', and null or 99991231 for open'),
  );
}
