import type { DatedKey, Link } from './links.ts';
import { type ColumnFacts, isUnique, type TableFacts } from './survey.ts';
import { likeness, wordScore } from './words.ts';

/** The survey of a bank. */
export interface Survey {
  tables: readonly TableFacts[];
  datedKeys: readonly DatedKey[];
  links: readonly Link[];
}

/** Stands for no column. */
export const noColumn = '-';

/** Tables and columns that the person has chosen in place of the guesses. */
export interface InitAnswers {
  customers?: string;
  id?: string;
  products?: string;
  code?: string;
  name?: string;
  class?: string;
  holdings?: string;
  customer?: string;
  product?: string;
  date?: string;
  closed?: string;
  consent?: string;
  referenceDate?: string;
}

/** The three tables and their references to each other. */
export interface Roles {
  customers: { table: TableFacts; id: ColumnFacts; dated: DatedKey | undefined };
  products: { table: TableFacts; key: ColumnFacts | undefined };
  holdings: { table: TableFacts; customer: Link; product: Link | undefined };
  /** Other columns that could refer to products or customers, by meaning. */
  others: { customer: readonly Link[]; product: readonly Link[] };
}

/** Least share of values that must be among a key's. */
const leastShare = 0.5;

/** Fit of a link, by content and name. */
function fitOf({ from, to, share, loose, covered }: Link): number {
  const { column } = from;
  return (
    3 * share +
    (share < leastShare ? 1.5 * loose : 0) +
    covered +
    2 * likeness(column.name, `${to.table.name} ${to.column.name}`) +
    wordScore(column.name, 'id') / 2
  );
}

function tableFit(links: { customer: Link; product: Link }): number {
  const { customer, product } = links;
  const [holdings, customers, products] = [customer.from.table, customer.to.table, product.to.table];
  const isSmall = products.rows * 3 < customers.rows ? 1 : -1;
  return (
    fitOf(customer) +
    fitOf(product) +
    wordScore(customer.from.column.name, 'customer') +
    wordScore(product.from.column.name, 'product') +
    2 * wordScore(customers.name, 'customer') +
    2 * wordScore(products.name, 'product') +
    wordScore(holdings.name, 'holding') +
    isSmall +
    (holdings.rows > customers.rows / 4 ? 0.5 : -1) +
    (isUnique(customer.to.column, customers) ? 0.5 : 0) +
    (holdings.columns.some(({ isDate }) => isDate) ? 0.5 : -1) +
    (products.columns.length > 1 ? 0.5 : -1)
  );
}

/** Finds the tables of customers, products and holdings by their references; undefined if no table refers to two others. */
export function findRoles({ tables, datedKeys, links }: Survey, choices: InitAnswers = {}): Roles | undefined {
  const is = (chosen: string | undefined, name: string) => chosen === undefined || chosen === name;
  const customerLinks = links.filter(
    ({ from, to }) =>
      is(choices.holdings, from.table.name) &&
      is(choices.customer, from.column.name) &&
      is(choices.customers, to.table.name) &&
      is(choices.id, to.column.name),
  );
  const productLinks = links.filter(
    ({ from, to }) =>
      is(choices.holdings, from.table.name) && is(choices.product, from.column.name) && is(choices.products, to.table.name),
  );
  let best: { customer: Link; product: Link; fit: number } | undefined;
  for (const customer of customerLinks) {
    if (!isUnique(customer.to.column, customer.to.table) && !datedKeys.some((key) => key.column === customer.to.column)) continue;
    for (const product of productLinks) {
      if (product.from.table !== customer.from.table || product.from.column === customer.from.column) continue;
      if (product.to.table === customer.to.table) continue;
      const fit = tableFit({ customer, product });
      if (!best || fit > best.fit) best = { customer, product, fit };
    }
  }
  const found = best ?? withoutProducts(customerLinks);
  if (!found) return undefined;
  const { customer, product } = found;
  const { table, column: id } = customer.to;
  const products = product?.to.table ?? productTable(tables, customer, choices);
  if (!products) return undefined;
  const near = (wanted: Link, all: readonly Link[]) =>
    all.filter(
      (one) =>
        one !== wanted && one.from.table === wanted.from.table && one.to.table === wanted.to.table && one.share >= leastShare,
    );
  return {
    customers: { table, id, dated: datedKeys.find((key) => key.column === id) },
    products: { table: products, key: product?.to.column },
    holdings: { table: customer.from.table, customer, product },
    others: { customer: near(customer, links), product: product ? near(product, links) : [] },
  };
}

/** Holdings and customers alone, if no column refers to products. */
function withoutProducts(links: readonly Link[]): { customer: Link; product: undefined } | undefined {
  const fit = (link: Link) =>
    fitOf(link) + 2 * wordScore(link.to.table.name, 'customer') + wordScore(link.from.table.name, 'holding');
  const customer = [...links].filter(({ share }) => share >= leastShare).sort((a, b) => fit(b) - fit(a))[0];
  return customer && { customer, product: undefined };
}

function productTable(tables: readonly TableFacts[], customer: Link, { products }: InitAnswers): TableFacts | undefined {
  const others = tables.filter((table) => table !== customer.from.table && table !== customer.to.table);
  return others.find(({ name }) => (products === undefined ? wordScore(name, 'product') > 0 : name === products));
}

/** Columns of a table by fit, best first; unsuitable ones are omitted. */
export function rank(table: TableFacts, fit: (column: ColumnFacts) => number): ColumnFacts[] {
  return table.columns
    .map((column) => ({ column, value: fit(column) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .map(({ column }) => column);
}

/** Tables without any of the three roles. */
export function otherTables({ tables }: Survey, { customers, products, holdings }: Roles): TableFacts[] {
  return tables.filter((table) => table !== customers.table && table !== products.table && table !== holdings.table);
}
