import { dateHint } from '../../engine/date-format.ts';
import { queryRows, type Scalar } from '../../engine/query-rows.ts';
import { shownRows } from '../faulty-rows.ts';
import { comparable, type ProductRow, productRow } from '../product-groups.ts';
import type { ExtractRequest } from '../request.ts';
import { selectProducts } from '../statement.ts';
import type { DataFault, OpenTable } from './fault.ts';

/** Usable products, and all faults. */
export interface ProductFaults {
  products: readonly ProductRow[];
  faults: readonly DataFault[];
}

/** Row of the products table, as read. */
type ReadRow = Readonly<Record<string, Scalar>>;

/** All faults of the products table, which has thousands of rows at most. */
export async function productFaults(table: OpenTable, request: ExtractRequest): Promise<ProductFaults> {
  const { engine, from, typeOf, options } = table;
  const rows = await queryRows(engine, selectProducts(engine.dialect, from, request, typeOf), options);
  const products = rows.flatMap((row, i): ProductRow[] => {
    if ([row.code, row.name, row.class].some((value) => isMissing(value ?? null))) return [];
    return [productRow(row, i + 1, request.referenceDate)];
  });
  const [repeated, mixed] = [repeatedCodes(rows), mixedRows(products, request.holdings.by)];
  const faults = [
    ...columnFaults(table, request, rows),
    ...faultOfRows(
      table,
      repeated,
      `${repeated.length} rows repeat the ${request.products.code} of another`,
      'Deliver one row per product code.',
    ),
    ...faultOfRows(
      table,
      mixed,
      `${mixed.length} rows are the same product as another row, by name or group, but of another class`,
      'Give them one class, or different names and groups.',
    ),
  ];
  return { products, faults: [...faults, ...classFaults(request, products)] };
}

/** The fault of some rows, counted from 1, that ends a run; none without rows. */
function faultOfRows({ engine }: OpenTable, rows: readonly number[], what: string, hint: string): DataFault[] {
  if (rows.length === 0) return [];
  const examples = engine.dialect.isOrdered ? rows.slice(0, shownRows) : [];
  return [{ table: 'products', what, rows: rows.length, examples, effect: 'stops', code: 'bad-data', hint }];
}

function isMissing(value: Scalar): boolean {
  return value === null || comparable(String(value)) === '';
}

/** Numbers of the rows that satisfy a condition, from 1. */
function rowsThat(rows: readonly ReadRow[], is: (row: ReadRow, i: number) => boolean): number[] {
  return rows.flatMap((row, i) => (is(row, i) ? [i + 1] : []));
}

/** Rows without code, name or class, and rows with invalid sale dates. */
function columnFaults(table: OpenTable, { products }: ExtractRequest, rows: readonly ReadRow[]): DataFault[] {
  const missing = (['code', 'name', 'class'] as const).flatMap((key) => {
    const found = rowsThat(rows, (row) => isMissing(row[key] ?? null));
    const what = `${found.length} rows have no ${products[key]} (${key})`;
    return faultOfRows(table, found, what, 'Every product needs a code, a name and a class.');
  });
  const undated = (['saleStart', 'saleEnd'] as const).flatMap((key) => {
    const found = rowsThat(rows, ({ fault }) => fault === key);
    return faultOfRows(table, found, `${products[key]} is no date in ${found.length} rows`, dateHint());
  });
  return [...missing, ...undated];
}

/** Row numbers of rows whose code an earlier row also has. */
function repeatedCodes(rows: readonly ReadRow[]): number[] {
  const known = new Set<string>();
  return rowsThat(rows, ({ code }) => {
    if (isMissing(code ?? null)) return false;
    const key = comparable(String(code));
    const isLater = known.has(key);
    known.add(key);
    return isLater;
  });
}

/** Classes of the config without a product, each at the first place that names it. */
function classFaults(
  { products: { class: column }, classes: named = [] }: ExtractRequest,
  products: readonly ProductRow[],
): DataFault[] {
  const classes = new Set(products.map((product) => product.class));
  const faults: DataFault[] = [];
  for (const { name, place } of named) {
    if (classes.has(name) || faults.some(({ what }) => what.startsWith(`${place}: no product`))) continue;
    const hint = `The products table has ${classes.size} classes: compare its column ${column} with the config.`;
    const what = `${place}: no product is of class \`${name}\``;
    faults.push({ table: 'products', what, rows: null, examples: [], effect: 'stops', code: 'config', hint });
  }
  return faults;
}

/** Rows of products whose class differs from that of the first product with the same name or group. */
function mixedRows(products: readonly ProductRow[], by: 'name' | 'code'): number[] {
  const classOf = new Map<string, string>();
  const mixed = new Set<number>();
  for (const { row, name, group, class: of } of products) {
    const keys = [
      ...(by === 'name' ? [`name ${comparable(name)}`] : []),
      ...(group === null ? [] : [`group ${comparable(group)}`]),
    ];
    for (const key of keys) {
      const first = classOf.get(key);
      if (first === undefined) classOf.set(key, of);
      else if (first !== of) mixed.add(row);
    }
  }
  return [...mixed];
}
