import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from './duckdb.ts';
import type { Engine, StatementOptions } from './engine.ts';
import type { ExtractRequest } from './extract-request.ts';
import type { SourceTable } from './extract-sources.ts';
import { faultyRows } from './faulty-rows.ts';
import { comparable, compareUtf8, productKeys } from './product-groups.ts';
import { queryCounts } from './query-rows.ts';
import type { Product } from './snapshot.ts';
import type { HoldingCounts, SnapshotManifest } from './snapshot-manifest.ts';
import { stage } from './stage.ts';
import { holdingColumns, holdingFaults, selectHoldings } from './statement.ts';
import { appendColumns } from './table-appender.ts';

/** How many unknown products a manifest lists. */
const listedUnknown = 1000;

/** Why a row is dropped, in order of precedence; 0: kept. */
const reasons = { kept: 0, fault: 1, nullCustomer: 2, nullProduct: 3, unknownProduct: 4, unknownCustomer: 5 } as const;

/** What became of the holdings table. */
export interface ExtractedHoldings {
  counts: HoldingCounts;
  byClass: SnapshotManifest['holdingsByClass'];
  unknownProducts: SnapshotManifest['unknownProducts'];
  /** Customers with no holding open on the reference date. */
  withoutHoldings: number;
}

/** A holding that is open on a date, as a predicate over `opened` and `closed`; `date` is SQL. */
export function openOn(date: string): string {
  return `(opened IS NULL OR opened <= ${date}) AND (closed IS NULL OR closed > ${date})`;
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
  const raw = await stage(engine, workbench, select, holdingColumns, statement);
  const { lookup, unknownProducts } = await mapProducts(workbench, raw, products, request.holdings.by, statement);
  const classified = workbench.temporaryTable();
  await workbench.run(
    `CREATE TABLE ${classified} AS SELECT c.customer, p.product, h.opened, h.closed, CAST(CASE WHEN h.fault THEN ${reasons.fault}` +
      ` WHEN h.customer IS NULL THEN ${reasons.nullCustomer} WHEN h.product IS NULL THEN ${reasons.nullProduct}` +
      ` WHEN p.product IS NULL THEN ${reasons.unknownProduct} WHEN c.customer IS NULL THEN ${reasons.unknownCustomer} ELSE ${reasons.kept} END AS UTINYINT) AS reason` +
      ` FROM ${raw} h LEFT JOIN read_parquet(${text(files.customers)}) c ON h.customer = c.id LEFT JOIN ${lookup} p ON h.product = p.key`,
    statement,
  );
  const reference = date(request.referenceDate);
  const reasonCounts = Object.entries(reasons).map(([name, code]) => [name, `count(*) FILTER (WHERE reason = ${code})`]);
  const counts = await queryCounts(
    workbench,
    {
      ...(Object.fromEntries(reasonCounts) as Record<keyof typeof reasons, string>),
      rows: 'count(*)',
      afterReference: `count(*) FILTER (WHERE reason = 0 AND opened > ${reference})`,
      closed: `count(*) FILTER (WHERE reason = 0 AND closed <= ${reference} AND (opened IS NULL OR opened <= ${reference}))`,
      undated: 'count(*) FILTER (WHERE reason = 0 AND opened IS NULL)',
    },
    classified,
    options,
  );
  if (counts.fault > 0) await failOnDates(engine, table, request, counts.fault, options);
  await workbench.run(
    `COPY (SELECT customer, product, opened, closed FROM ${classified} WHERE reason = ${reasons.kept}` +
      ` ORDER BY customer, product, opened NULLS FIRST, closed NULLS LAST) TO ${text(files.holdings)} (FORMAT parquet, ROW_GROUP_SIZE 122880)`,
    { ...statement, writing: files.holdings },
  );
  const byClass = await countByClass(workbench, `${classified} WHERE reason = ${reasons.kept}`, products, options);
  await workbench.run(`DROP TABLE ${classified}`);
  const first = `(SELECT customer IS DISTINCT FROM lag(customer) OVER () AS first FROM read_parquet(${text(files.holdings)}) WHERE ${openOn(reference)})`;
  const { holders } = await queryCounts(workbench, { holders: 'count(*) FILTER (WHERE first)' }, first, options);
  const { rows, fault, ...kept } = counts;
  return {
    counts: { read: table.rows, excludedByWhere: table.rows - rows, ...kept },
    ...{ byClass, unknownProducts },
    withoutHoldings: customers - holders,
  };
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

/** Finds what each distinct text of the product column means, once, and counts the texts that mean nothing. */
async function mapProducts(
  workbench: DuckdbEngine,
  raw: string,
  products: readonly Product[],
  by: 'name' | 'code',
  options: StatementOptions,
): Promise<{ lookup: string; unknownProducts: ExtractedHoldings['unknownProducts'] }> {
  const keys = productKeys(products, by);
  const known: { key: string; product: number }[] = [];
  const unknown = new Map<string, number>();
  const distinct = `SELECT product, count(*) AS holdings FROM ${raw} WHERE product IS NOT NULL AND customer IS NOT NULL GROUP BY product`;
  for await (const { rows, columns } of workbench.query(distinct, options)) {
    for (let row = 0; row < rows; row++) {
      const key = (columns.product as readonly string[])[row]!;
      const product = keys.get(comparable(key));
      if (product !== undefined) known.push({ key, product });
      else unknown.set(comparable(key), (unknown.get(comparable(key)) ?? 0) + Number(columns.holdings![row]));
    }
  }
  const lookup = workbench.temporaryTable();
  await workbench.run(`CREATE TABLE ${lookup} (key VARCHAR, product INTEGER)`);
  await appendColumns(workbench, lookup, known.length, [
    { values: known.map(({ key }) => key) },
    { values: Int32Array.from(known, ({ product }) => product) },
  ]);
  const listed = [...unknown].map(([product, holdings]) => ({ product, holdings }));
  listed.sort((a, b) => b.holdings - a.holdings || compareUtf8(a.product, b.product));
  return { lookup, unknownProducts: { distinct: unknown.size, listed: listed.slice(0, listedUnknown) } };
}

async function failOnDates(
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
    'Deliver dates as DATE, YYYY-MM-DD or YYYYMMDD, and null or 99991231 for open.',
  );
}
