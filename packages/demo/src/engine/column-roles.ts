/** Known column names by meaning, in lower case. Names of the sample bank come first. */
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
  name: ['gds_korn_nm', 'name', 'product_name', 'title', 'label', 'description', '상품명'],
  class: ['class', 'gds_class', 'product_class', 'category', 'class_name', 'type', 'group', '상품분류', '분류'],
} as const;

/** First letters of words in column names, by meaning. They are used if no known name is found. */
const columnWords = {
  customer: ['cust', 'client', 'kund', '고객'],
  product: ['prod', 'item', 'gds', 'artic', '상품'],
  opened: ['open', 'start', 'begin', 'alta', '가입', '신규'],
  closed: ['clos', 'end', 'baja', '해지'],
  name: ['name', 'nombre', 'desc', '명'],
  class: ['class', 'categ', 'famil', 'type', '분류'],
  /** Facts about a person or an account, which no meaning has. */
  fact: [
    ...['birth', 'born', 'dob', 'geburt', 'gebdat', 'nacim', 'naiss', 'nascim', 'urodz', 'naroz', 'age', '생년', '생일'],
    ...['balance', 'amount', 'saldo', 'solde', 'betrag', 'importe', 'income', 'salary', '잔액', '잔고', '금액'],
  ],
} as const;

/** Meanings that columns of a file of holdings can have. */
export const holdingRoles = ['customer', 'product', 'opened', 'closed'] as const;

/** Meaning of a column in a file of holdings. */
type HoldingRole = (typeof holdingRoles)[number];

/**
 * Meaning of a column. Files of holdings have the meanings in `holdingRoles`. Files of products have `code`, `name` and `class`; files of customers
 * have `id`.
 */
export type ColumnRole = HoldingRole | 'code' | 'name' | 'class' | 'id';

/** Name of the found or chosen column, by meaning. */
export type ColumnRoles = Partial<Record<ColumnRole, string>>;

/** Column name in lower case, with underscores for blanks and hyphens. */
function comparableName(column: string): string {
  return column
    .trim()
    .toLowerCase()
    .replace(/^\uFEFF/, '')
    .replaceAll(/[\s-]+/g, '_');
}

/** First column whose name is a known name of the meaning. Undefined if there is none. */
export function columnNamed(columns: readonly string[], role: keyof typeof columnNames): string | undefined {
  const byName = new Map(columns.map((column) => [comparableName(column), column]));
  for (const name of columnNames[role]) if (byName.has(name)) return byName.get(name);
  return undefined;
}

/** Columns whose name has a word of the meaning. */
export function columnsWithWord(columns: readonly string[], role: keyof typeof columnWords): string[] {
  const beginsSo = (word: string) => columnWords[role].some((beginning) => word.startsWith(beginning));
  return columns.filter((column) => comparableName(column).split('_').some(beginsSo));
}
