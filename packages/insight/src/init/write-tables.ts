import { percent } from '@basketwise/data/base';
import { onlyClass } from '@basketwise/recommend';
import type { ConfigWriter } from './config-writer.ts';
import { asSaid, type Guess } from './guess.ts';
import { type ConsentGuess, useOfConsents } from './guess-consents.ts';
import { historyOf } from './made-states.ts';
import type { Proposal } from './propose.ts';
import { isUnsure } from './roles.ts';
import type { SqlWriter } from './sql.ts';
import { type TableFacts, valueTexts } from './survey.ts';
import { also, columnKey, type KeyGuess, writeCompositions, writeFormats, writeFrom, writeKeys } from './template.ts';
import { kindScore } from './words.ts';

/** Keys of a config that its source needs. */
export interface SourceFacts {
  /** Keys of `source` in the config, with their values. */
  keys: Readonly<Record<string, unknown>>;
  /** Encodings that may be that of the CSV files, best first. UTF-8 if there are none. */
  encodings: readonly string[];
  sql: SqlWriter;
}

/** Share as a percentage, with decimals if it is nearly 1. */
export const matchText = (share: number) => percent(share, share > 0.99 && share < 1 ? 2 : 0);
/** Text with some values of a column. */
export const exampleValues = (values: readonly string[]) => values.slice(0, 8).join(', ') + (values.length > 8 ? ', ...' : '');

/** Name of the column for a consent that is joined from another table. The customers table has no column of this name. */
export function consentColumn({ column: consent, join, table }: ConsentGuess, customers: TableFacts): string {
  const isTaken = customers.columns.some(({ name }) => name.toLowerCase() === consent.name.toLowerCase());
  return join && isTaken ? `${consent.name}_${table.name.replaceAll(/[^\p{L}\p{N}]+/gu, '_')}` : consent.name;
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
  const allowed = sql.literal(consent.readings[0]!.value!, consent.column);
  const isGiven = `${given} = ${allowed}`;
  const day = newest && sql.dayOf(consent.table, newest.name);
  const conditions = [
    ...(purpose ? [`${sql.column(purpose.column.name)} = ${sql.literal(purpose.value, purpose.column)}`] : []),
    ...(day && !isOneRow ? [`(${day} <= :date OR ${day} IS NULL)`] : []),
  ];
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  // A customer consents if the last yes is later than all else. An entry without a day may be the last one.
  const isAllowed = newest
    ? `max(CASE WHEN ${isGiven} THEN ${day} END) > coalesce(max(CASE WHEN ${isGiven} THEN NULL ELSE coalesce(${day}, :date) END), DATE '1800-01-01')`
    : `min(CASE WHEN ${isGiven} THEN 1 ELSE 0 END) = 1`;
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
  const { table, id } = roles.customers;
  const { customer } = roles.holdings;
  out.section(2, 'customers');
  writeCustomersSource(out, proposal, source);
  writeKeys(out, 'tables.customers', [
    {
      key: 'id',
      value: id.name,
      why: `${matchText(customer.share)} of the values of ${customer.from.table.name}.${customer.from.column.name} are among its ${id.distinct}`,
    },
    {
      key: 'since',
      value: since?.name,
      why: 'by its name: customers who joined after the reference date get no lists and train no model; remove it if it is another day',
    },
  ]);
  const used = [since, ...features.map(({ column }) => column)];
  writeFormats(out, 'tables.customers', table, used);
  const history = historyOf(table);
  if (history) {
    out.comment(4, 'earlier states, for features that change');
    out.section(4, 'history');
    if (history.table.made) out.block(6, 'sql', history.table.made.query(source.sql));
    else out.entry(6, 'from', history.table.name);
    out.entry(6, 'id', id.name);
    out.entry(6, 'date', history.date.name);
    writeFormats(out, 'tables.customers.history', history.table, [history.date, ...used]);
  }
}

/**
 * Writes the source of the customers: the table, or a query that selects the newest state or joins the consent of another table.
 */
function writeCustomersSource(out: ConfigWriter, proposal: Proposal, source: SourceFacts): void {
  const { table, id } = proposal.roles.customers;
  const consent = useOfConsents(proposal.consents).first;
  const [select, join] = consent?.join ? joinedConsent(consent, proposal, source) : ['', ''];
  if (!join || isUnsure(proposal.roles, 'customers')) {
    writeFrom(out, 'customers', proposal.roles, source.sql);
    return;
  }
  writeCompositions(out, 'customers', table);
  out.comment(4, joinWhy(consent!));
  const { sql } = source;
  const file = sql.table(table, [id.name]);
  out.block(4, 'sql', `SELECT c.*${select}\nFROM ${file} c\n${join}`);
  if (consent!.join!.purpose)
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
  const { code, name, class: productClass, saleStart, saleEnd } = products;
  out.section(2, 'products');
  const isSold = writeProductsSource(out, products, roles, source);
  const end = columnKey(
    'sale_end',
    saleEnd,
    'no column of dates says when the sale of a product ends: all are recommended',
    ': before the reference date a product is not recommended',
  );
  writeKeys(out, 'tables.products', [
    chosenKey('code', code, table),
    name.column
      ? chosenKey('name', name, table)
      : {
          key: 'name',
          value: code.column?.name ?? null,
          why: 'no column is a text that differs by product: their codes stand for names',
        },
    classKey(productClass),
    columnKey('sale_start', saleStart, undefined, ': after the reference date a product is not yet recommended'),
    isSold ? { key: 'sale_end', value: 'sale_ended' } : end,
  ]);
  writeFormats(out, 'tables.products', table, [products.saleEnd.column]);
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

function classKey(guess: Proposal['products']['class']): KeyGuess {
  const { column, why, others } = guess;
  const [key, value] = ['class', className(guess)];
  if (!column) {
    const none = 'no column differs by class';
    return { key, value, why: `${none}: all products are of one`, check: none };
  }
  const isByValues = why !== asSaid && kindScore(column.name, 'class') === 0;
  return {
    ...{ key, value, why: `${why}: ${exampleValues(valueTexts(column))}${also(others)}` },
    check: isByValues && `${column.name} by its few values alone${also(others)}`,
  };
}

/** Key whose value must be a column of the table. */
function chosenKey(key: string, guess: Guess, { columns }: TableFacts): KeyGuess {
  const names = columns.map(({ name }) => name);
  const edit = !guess.column && `no column of the table fits: choose one of ${names.join(', ')}`;
  return { ...columnKey(key, guess, names.join(' | ')), edit };
}
