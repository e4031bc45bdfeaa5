import { queryRows, type Scalar } from '../../engine/query-rows.ts';
import { dateHint } from '../date-hint.ts';
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

/** All faults of the products table, which has thousands of rows at most. */
export async function productFaults(table: OpenTable, request: ExtractRequest): Promise<ProductFaults> {
  const rows = await queryRows(
    table.engine,
    selectProducts(table.engine.dialect, table.from, request, table.typeOf),
    table.options,
  );
  const faults: DataFault[] = [];
  const add = (
    found: readonly number[],
    what: string,
    effect: DataFault['effect'],
    hint: string,
    code: DataFault['code'] = 'bad-data',
  ) => {
    if (found.length > 0)
      faults.push({
        table: 'products',
        what,
        rows: found.length,
        examples: table.engine.dialect.isOrdered ? found.slice(0, shownRows) : [],
        effect,
        code,
        hint,
      });
  };
  const numbersOf = (is: (row: Readonly<Record<string, Scalar>>, i: number) => unknown) =>
    rows.flatMap((row, i) => (is(row, i) ? [i + 1] : []));
  const isMissing = (value: Scalar) => value === null || comparable(String(value)) === '';
  for (const key of ['code', 'name', 'class'] as const) {
    const missing = numbersOf((row) => isMissing(row[key] ?? null));
    add(
      missing,
      `${missing.length} rows have no ${request.products[key]} (${key})`,
      'stops',
      'Every product needs a code, a name and a class.',
    );
  }
  for (const key of ['saleStart', 'saleEnd'] as const) {
    const undated = numbersOf(({ fault }) => fault === key);
    add(undated, `${request.products[key]} is no date in ${undated.length} rows`, 'stops', dateHint());
  }
  const firsts = new Map<string, number>();
  const repeated = numbersOf(({ code }, i) => {
    if (isMissing(code ?? null)) return false;
    const key = comparable(String(code));
    const isLater = firsts.has(key);
    if (!isLater) firsts.set(key, i);
    return isLater;
  });
  add(
    repeated,
    `${repeated.length} rows repeat the ${request.products.code} of another`,
    'stops',
    'Deliver one row per product code.',
  );
  const products = rows.flatMap((row, i): ProductRow[] => {
    if ([row.code, row.name, row.class].some((value) => isMissing(value ?? null))) return [];
    return [productRow(row, i + 1, request.referenceDate)];
  });
  const mixed = mixedRows(products, request.holdings.by);
  add(
    mixed,
    `${mixed.length} rows are the same product as another row, by name or group, but of another class`,
    'stops',
    'Give them one class, or different names and groups.',
  );
  const classes = new Set(products.map((product) => product.class));
  for (const { name, place } of request.classes ?? []) {
    if (classes.has(name) || faults.some(({ what }) => what.startsWith(`${place}: no product`))) continue;
    const hint = `The products table has ${classes.size} classes: compare its column ${request.products.class} with the config.`;
    faults.push({
      table: 'products',
      what: `${place}: no product is of class \`${name}\``,
      rows: null,
      examples: [],
      effect: 'stops',
      code: 'config',
      hint,
    });
  }
  return { products, faults };
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
