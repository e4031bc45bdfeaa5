import { required } from '@basketwise/core/parts';
import { PageError } from './page-error.ts';

/** Column names by meaning, in lower case, the sample bank's own first. */
const columnNames = {
  customer: [
    ...['csno', 'customer', 'customer_id', 'customerid', 'customer_no', 'cust_id', 'cust_no', 'client', 'client_id', 'clientid'],
    ...['client_no', 'id', '고객번호'],
  ],
  product: [
    ...[
      'gds_korn_nm',
      'gds_cd',
      'product',
      'product_code',
      'product_cd',
      'product_name',
      'product_id',
      'prod_cd',
      'item',
      'code',
    ],
    ...['상품명', '상품코드'],
  ],
  opened: [
    ...['open_dt', 'opened', 'opened_on', 'opened_at', 'open_date', 'date', 'purchase_date', 'start_date', 'bought'],
    ...['가입일', '신규일'],
  ],
  closed: ['close_dt', 'closed', 'closed_on', 'closed_at', 'close_date', 'end_date', '해지일'],
} as const;

/** Meanings that a column of holdings can have. */
export type ColumnRole = keyof typeof columnNames;

/** Columns of a file of holdings. */
export type ColumnRoles = Record<'customer' | 'product', string> & Partial<Record<ColumnRole, string>>;

/** Name of a column, normalised for comparison. */
function comparableName(column: string): string {
  return column
    .trim()
    .toLowerCase()
    .replace(/^\uFEFF/, '')
    .replaceAll(/[\s-]+/g, '_');
}

/** First column that has one of some names. */
export function columnNamed(columns: readonly string[], names: readonly string[]): string | undefined {
  const byName = new Map(columns.map((column) => [comparableName(column), column]));
  const name = names.find((one) => byName.has(one));
  return name === undefined ? undefined : required(byName, name);
}

/** Guesses the meaning of columns by name. */
export function guessRoles(columns: readonly string[]): Partial<Record<ColumnRole, string>> {
  const roles: Partial<Record<ColumnRole, string>> = {};
  for (const role of Object.keys(columnNames) as ColumnRole[]) {
    const found = columnNamed(columns, columnNames[role]);
    if (found !== undefined) roles[role] = found;
  }
  return roles;
}

/** Determines the meaning of columns. @throws PageError without a customer or product column */
export function rolesOf(columns: readonly string[]): ColumnRoles {
  const { customer, product, ...others } = guessRoles(columns);
  if (customer === undefined || product === undefined) {
    const found = columns.slice(0, 6).map((column) => column.slice(0, 30));
    throw new PageError('missingColumns', { found: found.join(', ') || '-' });
  }
  return { ...others, customer, product };
}
