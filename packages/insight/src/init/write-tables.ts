import { percent } from '@basketwise/data/published';
import { onlyClass } from '@basketwise/recommend';
import type { ConfigWriter } from './config-writer.ts';
import type { Guess } from './guess.ts';
import type { ConsentGuess } from './guess-customers.ts';
import type { Proposal } from './propose.ts';
import { isUnsure } from './roles.ts';
import type { SqlWriter } from './sql.ts';
import { type TableFacts, valueTexts } from './survey.ts';
import { kindScore } from './words.ts';
import { writeCompositions, writeFormats, writeFrom } from './write-from.ts';

/** Keys of a config that its source needs. */
export interface SourceFacts {
  /** Keys of `source` in the config, with their values. */
  keys: Readonly<Record<string, unknown>>;
  /** Encoding of CSV files. UTF-8 if there are none. */
  encoding: string;
  sql: SqlWriter;
}

/** Share as a percentage, with decimals if it is nearly 1. */
export const matchText = (share: number) => percent(share, share > 0.99 && share < 1 ? 2 : 0);
/** Text that names other candidate columns, for the end of a sentence. */
export const also = (others: Guess['others']) =>
  others.length === 0 ? '' : `; it could also be ${others.map(({ name }) => name).join(', ')}`;
/** Text with some values of a column. */
export const exampleValues = (values: readonly string[]) => values.slice(0, 8).join(', ') + (values.length > 8 ? ', ...' : '');

/** Name of the column for a consent that is joined from another table. The customers table has no column of this name. */
export function consentColumn({ column: consent, join, table }: ConsentGuess, customers: TableFacts): string {
  const isTaken = customers.columns.some(({ name }) => name.toLowerCase() === consent.name.toLowerCase());
  return join && isTaken ? `${consent.name}_${table.name.replaceAll(/[^\p{L}\p{N}]+/gu, '_')}` : consent.name;
}

/** Consent that the config uses in a rule. Undefined if none is certain enough. */
export function usedConsent({ consents }: Proposal): ConsentGuess | undefined {
  return consents.find(({ allowed, share }) => allowed !== undefined && share > 0);
}

/**
 * Columns that forbid contacting a customer (objected, blocked, deceased). The config has a rule for each, in addition to the rule
 * for the consent.
 */
export function usedRefusals({ consents }: Proposal, used: ConsentGuess): ConsentGuess[] {
  return consents.filter(
    (one) => one !== used && one.isRefusal && one.join === undefined && one.allowed !== undefined && one.share > 0,
  );
}

function joinedConsent(consent: ConsentGuess, proposal: Proposal, { sql }: SourceFacts): string[] {
  const { link, isOneRow, newest, purpose } = consent.join!;
  const key = link.from.column;
  const { table: customers, id } = proposal.roles.customers;
  const name = consentColumn(consent, customers);
  const file = sql.table(consent.table, [key.name]);
  const equal =
    key.kind === id.kind
      ? (a: string, b: string) => `${a} = ${b}`
      : (a: string, b: string) => `${sql.asText(a)} = ${sql.asText(b)}`;
  const given = sql.column(consent.column.name);
  const allowed = sql.literal(consent.allowed!, consent.column);
  const day = newest && sql.dayOf(consent.table, newest.name);
  const conditions = [
    ...(purpose ? [`${sql.column(purpose.column.name)} = ${sql.literal(purpose.value, purpose.column)}`] : []),
    ...(day && !isOneRow ? [`${day} <= :date`] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  // A customer consents if the last yes is later than the last no.
  const last = (condition: string) => `max(CASE WHEN ${condition} THEN ${day} END)`;
  const isAllowed = newest
    ? `${last(`${given} = ${allowed}`)} > coalesce(${last(`${given} <> ${allowed}`)}, DATE '1800-01-01')`
    : `min(CASE WHEN ${given} = ${allowed} THEN 1 ELSE 0 END) = 1`;
  const rows = isOneRow
    ? file
    : `(\n  SELECT ${sql.column(key.name)}, CASE WHEN ${isAllowed} THEN ${allowed} END AS ${given}\n` +
      `  FROM ${file} t${where} GROUP BY ${sql.column(key.name)}\n)`;
  const as = name === consent.column.name ? '' : ` AS ${sql.column(name)}`;
  return [`, n.${given}${as}`, `LEFT JOIN ${rows} n ON ${equal(`n.${sql.column(key.name)}`, `c.${sql.column(id.name)}`)}`];
}

/** Writes the key `tables.customers`. */
export function writeCustomers(out: ConfigWriter, proposal: Proposal, source: SourceFacts): void {
  const { roles, since, features } = proposal;
  const { table, id, dated } = roles.customers;
  const { customer } = roles.holdings;
  out.section(2, 'customers');
  writeCustomersSource(out, proposal, source);
  out.entry(
    4,
    'id',
    id.name,
    `${matchText(customer.share)} of the values of ${customer.from.table.name}.${customer.from.column.name} are among its ${id.distinct}`,
  );
  if (since) {
    out.entry(
      4,
      'since',
      since.name,
      'by its name: customers who joined after the reference date get no lists and train no model; remove it if it is another day',
    );
  }
  const used = [since, ...features.map(({ column }) => column)];
  writeFormats(out, [4, 'tables.customers'], table, used);
  if (dated) {
    out.comment(4, 'earlier states, for features that change');
    out.section(4, 'history');
    out.entry(6, 'from', table.name);
    out.entry(6, 'id', id.name);
    out.entry(6, 'date', dated.date.name);
    writeFormats(out, [6, 'tables.customers.history'], table, [dated.date, ...used]);
  }
}

/**
 * Writes the source of the customers: the table, or a query that selects the newest state or joins the consent of another table.
 */
function writeCustomersSource(out: ConfigWriter, proposal: Proposal, source: SourceFacts): void {
  const { table, id, dated } = proposal.roles.customers;
  const consent = usedConsent(proposal);
  const [select, join] = consent?.join ? joinedConsent(consent, proposal, source) : ['', ''];
  if ((!dated && !join) || isUnsure(proposal.roles, 'customers')) {
    writeFrom(out, 'customers', proposal.roles, source.sql);
    return;
  }
  writeCompositions(out, 'customers', table);
  if (dated)
    out.comment(
      4,
      `${table.name} has a row for each ${id.name} and ${dated.date.name}: the newest state is that of the reference date`,
    );
  if (join) out.comment(4, joinWhy(consent!));
  const { sql } = source;
  const file = sql.table(table, [id.name]);
  const day = (prefix = '') => sql.dayOf(table, dated!.date.name, prefix);
  const newest =
    dated && `JOIN (SELECT max(${day()}) AS newest FROM ${file} WHERE ${day()} <= :date) d ON ${day('c.')} = d.newest`;
  out.block(4, 'sql', [`SELECT c.*${select}`, `FROM ${file} c`, ...(join ? [join] : []), ...(newest ? [newest] : [])].join('\n'));
  if (join && consent!.join!.purpose)
    out.note(
      'check',
      'tables.customers.sql',
      `of ${consent!.table.name} only rows whose ${consent!.join!.purpose.column.name} is ${consent!.join!.purpose.value} count as consent`,
    );
}

function joinWhy({ table, join, column: consent }: ConsentGuess): string {
  const rows = join!.isOneRow
    ? 'one row a customer'
    : join!.newest
      ? `of several rows the newest by ${join!.newest.name} counts`
      : 'of several rows all must allow it';
  return `${table.name}.${consent.name} joined: ${table.name}.${join!.link.from.column.name} has customers' ids; ${rows}`;
}

/** Writes the key `tables.products`. */
export function writeProducts(out: ConfigWriter, { products, roles }: Proposal, source: SourceFacts): void {
  const { table } = roles.products;
  const { code, name, class: of } = products;
  out.section(2, 'products');
  const isSold = writeProductsSource(out, products, roles, source);
  writeColumn(out, 'products', 'code', code, table);
  if (name.column) writeColumn(out, 'products', 'name', name, table);
  else
    out.entry(4, 'name', code.column?.name ?? null, 'no column is a text that differs by product: their codes stand for names');
  writeClass(out, of);
  writeSaleStart(out, products.saleStart);
  writeSaleEnd(out, products, isSold);
  writeFormats(out, [4, 'tables.products'], table, [products.saleEnd.column]);
  out.comment(4, 'group: a column of which equal values mean one product under several codes, such as renewals');
}

/** Name of the column with the class of a product. */
function className({ column }: Proposal['products']['class']): string {
  if (!column) return 'class';
  return column.nulls > 0 ? `${column.name}_or_other` : column.name;
}

/**
 * Writes the source of the products: the table, or a query that adds the class or the end of sale. Returns whether it adds the
 * end of sale.
 */
function writeProductsSource(
  out: ConfigWriter,
  { code, name, class: of, saleEnd, sold }: Proposal['products'],
  roles: Proposal['roles'],
  { sql }: SourceFacts,
): boolean {
  const { table } = roles.products;
  const extras: string[] = [];
  if (!of.column) extras.push(`'${onlyClass}' AS class`);
  else if (of.column.nulls > 0)
    extras.push(`coalesce(${sql.asText(sql.column(of.column.name))}, 'other') AS ${sql.column(className(of))}`);
  const isSold = sold !== undefined && !saleEnd.column && sold.column !== of.column;
  if (isSold)
    extras.push(
      `CASE WHEN ${sql.column(sold.column.name)} NOT IN (${sold.live.map((value) => sql.literal(value, sold.column)).join(', ')}) THEN DATE '1900-01-01' END AS sale_ended`,
    );
  if (extras.length === 0 || isUnsure(roles, 'products')) {
    writeFrom(out, 'products', roles, sql);
    return false;
  }
  writeCompositions(out, 'products', table);
  if (isSold)
    out.comment(
      4,
      `${sold.column.name} says whether a product is on sale: where it is not ${exampleValues(sold.live)}, the sale has ended`,
    );
  const ids = [code.column?.name, name.column?.name].filter((one) => one !== undefined);
  out.block(4, 'sql', `SELECT *, ${extras.join(',\n  ')}\nFROM ${sql.table(table, ids)} p`);
  return isSold;
}

function writeClass(out: ConfigWriter, of: Proposal['products']['class']): void {
  const none = 'no column differs by class';
  const why = of.column
    ? `${of.why}: ${exampleValues(valueTexts(of.column))}${also(of.others)}`
    : `${none}: all products are of one`;
  out.entry(4, 'class', className(of), why);
  if (of.column && (of.why === 'as you said' || kindScore(of.column.name, 'class') !== 0)) return;
  out.note('check', 'tables.products.class', of.column ? `${of.column.name} by its few values alone${also(of.others)}` : none);
}

function writeSaleStart(out: ConfigWriter, { column, why, others }: Proposal['products']['saleStart']): void {
  const about = 'after the reference date a product is not yet recommended';
  if (column) out.entry(4, 'sale_start', column.name, `${why}: ${about}${also(others)}`);
}

/**
 * Writes the key of the end of sale.
 * @param isComputed whether the query has a column `sale_ended`
 */
function writeSaleEnd(out: ConfigWriter, { saleEnd }: Proposal['products'], isComputed: boolean): void {
  if (saleEnd.column)
    out.entry(
      4,
      'sale_end',
      saleEnd.column.name,
      `${saleEnd.why}: before the reference date a product is not recommended${also(saleEnd.others)}`,
    );
  else if (isComputed) out.entry(4, 'sale_end', 'sale_ended');
  else out.comment(4, 'sale_end: no column of dates says when the sale of a product ends: all are recommended');
}

function writeColumn(
  out: ConfigWriter,
  table: string,
  key: string,
  { column: found, why, others }: Guess,
  { columns }: TableFacts,
): void {
  if (found) {
    out.entry(4, key, found.name, `${why}${also(others)}`);
    return;
  }
  out.comment(4, `${key}: ${columns.map(({ name }) => name).join(' | ')}`);
  out.note(
    'edit',
    `tables.${table}.${key}`,
    `no column of the table fits: choose one of ${columns.map(({ name }) => name).join(', ')}`,
  );
}
