import { AppError, type Product } from '@basketwise/core';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { appendColumns } from '../duckdb/table-appender.ts';
import { dateHint } from '../engine/date-format.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows, type Scalar } from '../engine/query-rows.ts';
import type { FilledColumns } from '../snapshot/manifest.ts';
import { comparable, groupProducts, type ProductRow, productKey, productRow } from './product-groups.ts';
import type { ExtractRequest } from './request.ts';
import type { SourceTable } from './source-table.ts';
import { dateColumn, farDay, selectProducts } from './statement.ts';

/** Reads the products table (some thousand rows at most), forms equivalence groups, and writes products.parquet. */
export async function extractProducts(
  engine: Engine,
  workbench: DuckdbEngine,
  table: SourceTable,
  request: ExtractRequest,
  file: string,
  options: StatementOptions,
): Promise<Product[]> {
  const products = await readProductTable(engine, table, request, options);
  await writeProductFile(workbench, products, file, options);
  return products;
}

/**
 * Reads the products table, and forms equivalence groups.
 * @throws AppError bad-data for faulty rows, config for a class or a code that the config names and no product has
 */
export async function readProductTable(
  engine: Engine,
  table: SourceTable,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<Product[]> {
  const rows = await queryRows(engine, selectProducts(engine.dialect, table.from, request, table.typeOf), {
    ...options,
    place: 'tables.products',
  });
  const products = groupProducts(checkedRows(rows, table, request), request.holdings.by);
  checkClasses(products, request);
  checkCodes(products, request);
  return products;
}

/** Throws if the config names a class that no product has. A campaign would be empty, or a rule have no effect. */
function checkClasses(products: readonly Product[], request: ExtractRequest): void {
  const known = new Set(products.map((product) => product.class));
  const missing = request.classes?.find(({ name }) => !known.has(name));
  if (!missing) return;
  throw new AppError(
    'config',
    `${missing.place}: no product is of class \`${missing.name}\``,
    `The products table has ${known.size} others: compare its column ${request.products.class} with the config.`,
  );
}

/** Throws if a rule names a code that no product of the rule's class has. The rule would have no effect. */
function checkCodes(products: readonly Product[], { rules, products: { code: column } }: ExtractRequest): void {
  const classOf = new Map(products.map((product) => [product.code, product.class]));
  for (const [i, { class: of, products: codes = [] }] of rules.entries()) {
    const place = `rules[${i}].products`;
    const unknown = codes.find((code) => !classOf.has(code));
    if (unknown !== undefined)
      throw new AppError(
        'config',
        `${place}: no product has the code \`${unknown}\``,
        `Name products as ${column} of tables.products writes their codes.`,
      );
    const other = codes.find((code) => of && classOf.get(code) !== of);
    if (other !== undefined)
      throw new AppError(
        'config',
        `${place}: \`${other}\` is not of class \`${of}\``,
        'Leave the class out, or correct the code.',
      );
  }
}

/**
 * Checks the rows of the products table. Rows that equal another one count once.
 * @throws AppError bad-data
 */
function checkedRows(rows: readonly Record<string, Scalar>[], table: SourceTable, request: ExtractRequest): ProductRow[] {
  const seen = new Map<string, { row: number; values: string }>();
  const fail = (what: string, hint: string) => new AppError('bad-data', `tables.products: ${table.label}: ${what}`, hint);
  return rows.flatMap((row, i) => {
    for (const column of ['code', 'name', 'class'] as const) {
      const value = row[column];
      if (value === null || comparable(String(value)) === '') {
        throw fail(`row ${i + 1} has no ${request.products[column]}`, 'Every product needs a code, a name and a class.');
      }
    }
    if (row.fault !== null) {
      const column = request.products[row.fault as 'saleStart' | 'saleEnd'];
      throw fail(`row ${i + 1}: ${column} is no date`, dateHint());
    }
    const [code, values] = [productKey(String(row.code), 'code'), JSON.stringify({ ...row, code: null })];
    const before = seen.get(code);
    if (before?.values === values) return [];
    if (before !== undefined)
      throw fail(
        `rows ${before.row} and ${i + 1} have the same ${request.products.code}, and other values`,
        'Deliver one row per product code.',
      );
    seen.set(code, { row: i + 1, values });
    return [productRow(row, i + 1, request.referenceDate)];
  });
}

/** Numbers of products with a day of sale (which 99991231 is not) and with a group, in the columns that the request names. */
export async function filledProducts(
  engine: Engine,
  { from, typeOf, rows: whole }: SourceTable,
  { products: { saleStart, saleEnd, group } }: ExtractRequest,
  options: StatementOptions,
): Promise<FilledColumns> {
  const { dialect } = engine;
  const isDay = (name: string) => `${dateColumn(dialect, name, typeOf).date} < ${dialect.date(farDay)}`;
  const days = [saleStart, saleEnd].flatMap((name) => (name ? [[name, isDay(name)]] : []));
  const conditions = [...days, ...(group ? [[group, `trim(${dialect.asText(dialect.identifier(group))}) <> ''`]] : [])];
  if (conditions.length === 0) return {};
  const counts = Object.fromEntries(conditions.map(([name, is]) => [name, `count(CASE WHEN ${is} THEN 1 END)`]));
  const filled: Record<string, number> = await queryCounts(engine, counts, `${from} products`, options);
  return Object.fromEntries(Object.entries(filled).map(([name, part]) => [`tables.products.${name}`, { part, whole }]));
}

async function writeProductFile(
  workbench: DuckdbEngine,
  products: readonly Product[],
  file: string,
  options: StatementOptions,
): Promise<void> {
  const table = workbench.temporaryTable();
  await workbench.run(
    `CREATE TABLE ${table} (product INTEGER, code VARCHAR, name VARCHAR, class VARCHAR, group_key VARCHAR, on_sale BOOLEAN, upcoming BOOLEAN, representative INTEGER)`,
  );
  const texts = (of: (product: Product) => string) => ({ values: products.map(of) });
  await appendColumns(workbench, table, products.length, [
    { values: Int32Array.from(products, ({ product }) => product) },
    texts(({ code }) => code),
    texts(({ name }) => name),
    texts((product) => product.class),
    texts(({ groupKey }) => groupKey),
    { values: Uint8Array.from(products, ({ onSale }) => Number(onSale)) },
    { values: Uint8Array.from(products, ({ upcoming }) => Number(upcoming === true)) },
    {
      values: Int32Array.from(products, ({ representative }) => representative ?? 0),
      nulls: Uint8Array.from(products, ({ representative }) => Number(representative === null)),
    },
  ]);
  await workbench.copyToParquet(`FROM ${table}`, file, options);
  await workbench.run(`DROP TABLE ${table}`);
}
