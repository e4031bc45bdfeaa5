import { log } from '@basketwise/core';
import type { Link } from './links.ts';
import { type ColumnFacts, isUnique, type TableFacts, valueTexts } from './survey.ts';
import { kindScore, likeness, liveOf } from './words.ts';

/** Piece of evidence about the role of a table. */
interface Finding {
  /** Value from 0 (against the role) to 1 (for the role). */
  value: number;
  weight: number;
}

/** Evidence for a role. Evidence from the data decides. Evidence from names only breaks ties. */
export interface Evidence {
  data: readonly Finding[];
  names: readonly Finding[];
}

/** Fit of a table to a role: the weighted sum of the evidence. */
export function fitOf({ data, names }: Evidence): number {
  return [...data, ...names].reduce((sum, { value, weight }) => sum + value * weight, 0);
}

/** Weighted mean of the evidence from the data, 0 to 1. */
export function qualityOf({ data }: Evidence): number {
  const whole = data.reduce((sum, { weight }) => sum + weight, 0);
  return data.reduce((sum, { value, weight }) => sum + value * weight, 0) / whole;
}

/** Smallest share of a column's values that must be values of the key for a link. Values are compared unchanged. */
export const leastLinkShare = 0.5;

/**
 * Evidence that a column refers to a key, from two shares and the similarity of their names. The shares are those of the column's
 * values that the key has, and of the key's values that the column has.
 */
function keyEvidence({ from, to, share, loose, covered }: Link): Evidence {
  return {
    data: [
      { weight: 3, value: share < leastLinkShare ? Math.max(share, 0.8 * loose) : share },
      { weight: 1, value: covered },
    ],
    names: [
      { weight: 1, value: likeness(from.column.name, `${to.table.name} ${to.column.name}`) },
      { weight: 0.5, value: kindScore(from.column.name, 'id') },
    ],
  };
}

/** Fit of a link to a key, by the data and by names. */
export function keyFit(link: Link): { data: number; names: number } {
  const { data, names } = keyEvidence(link);
  return { data: fitOf({ data, names: [] }), names: fitOf({ data: [], names: names.slice(0, 1) }) };
}

/** Size on a logarithmic scale, 0 to 1. It is 1 if the size is at least `enough`. */
const sizeScore = (size: number, enough: number) => Math.min(1, log(Math.max(1, size)) / log(enough));

/** Evidence that a link leads to the table of customers. */
export function customersEvidence(link: Link): Evidence {
  const { table, column } = link.to;
  const { data, names } = keyEvidence(link);
  const isOfPeople = table.columns.some(
    ({ name, isDate, first }) =>
      (isDate && first !== null && first < '1965') || kindScore(name, 'birth') > 0 || kindScore(name, 'sex') > 0,
  );
  return {
    data: [
      ...data,
      { weight: 0.5, value: isUnique(column, table) ? 1 : 0 },
      // A small table, such as one of 40 rows, is a table of codes.
      { weight: 2, value: sizeScore(column.distinct, 1000) },
      { weight: 0.5, value: isOfPeople ? 1 : 0 },
    ],
    names: [
      ...names,
      { weight: 1, value: kindScore(table.name, 'customer') },
      { weight: 0.5, value: kindScore(link.from.column.name, 'customer') },
    ],
  };
}

/** Evidence that a link leads to the table of products. */
export function productsEvidence(link: Link, customers: Link): Evidence {
  const { table, column } = link.to;
  const { data, names } = keyEvidence(link);
  const isName = (one: ColumnFacts) =>
    one.kind === 'text' && !one.isDate && one.distinct >= table.rows / 2 && one.longest > (one === column ? 12 : column.longest);
  return {
    data: [
      ...data,
      { weight: 2, value: table.rows * 3 < customers.to.column.distinct ? 1 : 0 },
      { weight: 1, value: sizeScore(column.distinct, 100) },
      { weight: 0.5, value: table.columns.some(isName) ? 1 : 0 },
      { weight: 0.5, value: table.columns.length > 1 ? 1 : 0 },
    ],
    names: [
      ...names,
      { weight: 1, value: kindScore(table.name, 'product') },
      { weight: 0.5, value: kindScore(link.from.column.name, 'product') },
    ],
  };
}

/** Largest number of rows per customer in a table of holdings. Logs and tables of transactions have more. */
const rowsPerCustomer = 40;

/**
 * Evidence that a link comes from the table of holdings.
 * @param largest number of rows of the bank's largest table
 */
export function holdingsEvidence({ from: { table, column } }: Link, largest: number): Evidence {
  const dates = table.columns.filter(({ isDate, first }) => isDate && first !== null);
  const isOpening = ({ nulls, distinct }: ColumnFacts) => nulls <= 0.05 * table.rows && distinct > 1;
  const isEnded =
    dates.some((date) => date.nulls + date.far > 0.05 * table.rows) ||
    table.columns.some((one) => liveOf(valueTexts(one)) !== undefined);
  const perCustomer = table.rows / column.distinct;
  return {
    data: [
      { weight: 2, value: dates.some(isOpening) ? 1 : 0 },
      { weight: 1, value: isEnded ? 1 : 0 },
      { weight: 1, value: Math.min(1, rowsPerCustomer / perCustomer) },
      { weight: 2, value: sizeScore(table.rows, Math.max(2, largest)) },
      { weight: 0.5, value: table.columns.some((one) => isUnique(one, table)) ? 1 : 0 },
      // Contracts can have the channel of their sale, too.
      { weight: 3, value: 1 - contactScore(table) * (isEnded ? 0.5 : 1) },
    ],
    names: [{ weight: 1, value: kindScore(table.name, 'holding') }],
  };
}

/** Matches the beginnings of values that name a channel of contact. */
const channelValues =
  /^(e-?mail|mail|correo|phone|call|tel\b|tel[eé]fono|telefon|t[eé]l[eé]phone|telefone|llamada|anruf|appel|sms|letter|carta|brief|courrier|post|branch|sucursal|oficina|filiale|agence|ag[eê]ncia|app\b|push|web|online|visit|전화|문자|이메일|우편|방문|앱|지점)/i;
/** Matches the beginnings of values that are a customer's answer to a contact. */
const answerValues =
  /^(no.?answer|not.?reached|reached|interest|not.?interest|accept|refus|declin|call.?back|bought|sale|no.?sale|interesad|no (interesad|contesta)|rechaz|acept|contrata|vend|aplazad|kein interesse|nicht erreicht|abgelehnt|angenommen|abschluss|int[eé]ress|pas int|sans r|absent|sem interesse|recus|aceit|부재|거절|수락|관심|성공|실패|승낙)/i;

/** Whether most values of a column match a pattern. */
function hasMost(values: readonly string[], pattern: RegExp): boolean {
  return values.length > 1 && values.filter((value) => pattern.test(value.trim())).length >= 0.6 * values.length;
}

/** Whether most values of a column are answers of customers to a contact. */
export function isAnswer(column: ColumnFacts): boolean {
  return hasMost(valueTexts(column), answerValues);
}

const highest = ({ columns }: TableFacts, fit: (column: ColumnFacts) => number) => Math.max(0, ...columns.map(fit));

/**
 * How much a table looks like a contact log, 0 to 1: by values that are channels or answers, then by the names of its columns.
 */
export function contactScore(table: TableFacts): number {
  const hasChannel = table.columns.some((column) => hasMost(valueTexts(column), channelValues));
  const score =
    (hasChannel ? 0.4 : 0) +
    (table.columns.some(isAnswer) ? 0.4 : 0) +
    0.2 * highest(table, ({ name }) => kindScore(name, 'contact')) +
    0.2 * highest(table, ({ name }) => kindScore(name, 'answer')) +
    0.3 * kindScore(table.name, 'contact');
  return Math.min(1, score);
}
