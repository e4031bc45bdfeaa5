import { dateHint } from '../../engine/date-format.ts';
import { queryRows, type Scalar } from '../../engine/query-rows.ts';
import { comparable, type ProductRow, productKey, productRow } from '../product-groups.ts';
import type { ExtractRequest } from '../request.ts';
import { shownRows } from '../source-table.ts';
import { selectProducts } from '../statement.ts';
import { type DataFault, type OpenTable, repeatedText } from './fault.ts';

/** Products that a run can use, and all faults of the products table. */
export interface ProductFaults {
  products: readonly ProductRow[];
  faults: readonly DataFault[];
}

/** Row of the products table, with values as they were read. */
type ReadRow = Readonly<Record<string, Scalar>>;

/** Finds all faults in the products table. The table has some thousand rows at most, so it is read whole. */
export async function productFaults(table: OpenTable, request: ExtractRequest): Promise<ProductFaults> {
  const { engine, from, typeOf, options } = table;
  const rows = await queryRows(engine, selectProducts(engine.dialect, from, request, typeOf), options);
  const products = rows.flatMap((row, i): ProductRow[] => {
    if ([row.code, row.name, row.class].some((value) => isMissing(value ?? null))) return [];
    return [productRow(row, i + 1, request.referenceDate)];
  });
  const { copies, repeated } = repeatedCodes(rows);
  const mixed = mixedRows(products, request.holdings.by);
  const faults = [
    ...columnFaults(table, request, rows),
    ...faultOfRows(
      table,
      repeated,
      `${repeated.length} rows repeat the ${request.products.code} of another, with other values`,
      'Deliver one row per product code.',
    ),
    ...faultOfRows(table, copies, repeatedText(copies.length), 'They count once.', 'odd'),
    ...faultOfRows(
      table,
      mixed,
      `${mixed.length} rows are the same product as another row, by name or group, but of another class`,
      'Give them one class, or different names and groups.',
    ),
  ];
  return { products, faults: [...faults, ...classFaults(request, products)] };
}

/** Fault for rows with these numbers (counted from 1). None if there are no such rows. */
function faultOfRows(
  { engine }: OpenTable,
  rows: readonly number[],
  what: string,
  hint: string,
  effect: DataFault['effect'] = 'stops',
): DataFault[] {
  if (rows.length === 0) return [];
  const examples = engine.dialect.isOrdered ? rows.slice(0, shownRows) : [];
  return [{ table: 'products', what, rows: rows.length, examples, effect, code: 'bad-data', hint }];
}

function isMissing(value: Scalar): boolean {
  return value === null || comparable(String(value)) === '';
}

/** Numbers, counted from 1, of the rows that satisfy a condition. */
function rowsThat(rows: readonly ReadRow[], is: (row: ReadRow, i: number) => boolean): number[] {
  return rows.flatMap((row, i) => (is(row, i) ? [i + 1] : []));
}

/** Faults for rows without code, name or class, and for rows whose dates of sale are invalid. */
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

/** Row numbers of the rows whose code occurs in an earlier row: of copies of it, and of rows with other values. */
function repeatedCodes(rows: readonly ReadRow[]): { copies: number[]; repeated: number[] } {
  const seen = new Map<string, string>();
  const [copies, repeated]: [number[], number[]] = [[], []];
  for (const [i, row] of rows.entries()) {
    if (isMissing(row.code ?? null)) continue;
    const [code, values] = [productKey(String(row.code), 'code'), JSON.stringify({ ...row, code: null })];
    const before = seen.get(code);
    if (before === undefined) seen.set(code, values);
    else (before === values ? copies : repeated).push(i + 1);
  }
  return { copies, repeated };
}

/** Faults for classes that the config names and no product has. Each is reported for the first key that names it. */
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

/** Row numbers of the rows whose class differs from the class of the first product with the same name or group. */
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
