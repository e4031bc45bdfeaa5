import type { CalendarSpan, PlainDate } from '@basketwise/core';
import { openOn, queryRows, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';
import type { RunTables } from './run-tables.ts';

/** Dates for grouping the customers of one window, all ISO. `at` is the date as of which their holdings are read. */
export interface WindowDates {
  at: string;
  /**
   * Purchases after `from` and up to `to` are those of the window. Those in the gap, between `at` and `from`, are listed
   * separately.
   */
  from: string;
  to: string;
  /** First day of each recency band except the oldest, as of `at`, newest first. */
  cutoffs: readonly string[];
  /**
   * A holding opened on or after this day is recent. If present, customers are also grouped by clusters, and holdings by whether
   * they are recent.
   */
  recentSince?: string;
}

/** Columns of the table of facts by which customers are grouped, besides their holdings. */
export interface CustomersApart {
  /** Names of the columns of clusters. */
  clusters: readonly string[];
  /** Whether the table has `since`, the day on which customers joined. */
  since: boolean;
  /** Name of the column with the customers' features, for each window. Absent: no features. */
  contexts?: readonly string[] | undefined;
}

/** A date, and how the purchases before it are grouped. */
interface AcquisitionDates {
  at: string;
  /**
   * For each number of months, the day that many months before `at`, newest first. A purchase belongs to the least number of
   * months that includes it.
   * Purchases on or before the last day are left out.
   */
  since: readonly { months: number; day: string }[];
}

/** Dates for which a pushdown run groups training data. */
export interface LearningDates {
  acquisitions: readonly AcquisitionDates[];
  /** Length of each recency band except the oldest. */
  bands: readonly CalendarSpan[];
}

/** Server, tables and options for making the tables of a run. */
interface Tools {
  hive: HiveEngine;
  tables: RunTables;
  options: StatementOptions;
}

/** SQL relation with each row of `relation` repeated `count` times. The column `w` numbers the repetitions from 0. */
function times(relation: string, count: number): string {
  const numbers = Array.from({ length: count }, (_, i) => i).join(', ');
  return `(SELECT r.*, e.w FROM ${relation} r LATERAL VIEW explode(array(${numbers})) e AS w) x`;
}

/**
 * SQL expression with the value `expressions[w]`, where `w` is a column. It must not be used for dates, for which Hive's
 * vectorised CASE returns wrong values.
 */
export function byNumber(expressions: readonly string[], name = 'w'): string {
  return `CASE ${name} ${expressions.map((sql, i) => `WHEN ${i} THEN ${sql}`).join(' ')} END`;
}

/** SQL predicate that is `predicate(all[w])`, where `w` is a column. */
function whereNumber<T>(all: readonly T[], predicate: (one: T) => string): string {
  return `(${all.map((one, w) => `(w = ${w} AND ${predicate(one)})`).join(' OR ')})`;
}

function sortedList(items: string): string {
  return `concat_ws(',', sort_array(collect_list(${items})))`;
}

/** Predicate: the holding was not closed before it was opened. */
const wasHeld = '(closed IS NULL OR closed >= opened)';

/** SQL expression that joins the cluster numbers in these columns of the table of facts to a text, with commas. */
export function clustersText(columns: readonly string[], facts = ''): string {
  return columns.length === 0 ? "''" : `concat_ws(',', ${columns.map((name) => `CAST(${facts}${name} AS string)`).join(', ')})`;
}

/**
 * SQL expression for the day that is a span before `day`. Months are subtracted first, then days. A day that a shorter month
 * lacks becomes its last day.
 * Hive's `add_months` is called with the first day of a month, because it maps a last day to a last day.
 */
function dayBefore(day: string, { months, days }: CalendarSpan): string {
  const first = `add_months(trunc(${day}, 'MM'), ${-months})`;
  const inMonth = `date_add(${first}, least(day(${day}), day(last_day(${first}))) - 1)`;
  return days === 0 ? inMonth : `date_sub(${inMonth}, ${days})`;
}

/** SQL expression for the recency band of the day `latest`, as of the date of a window. */
function recencyBand({ cutoffs }: WindowDates, date: HiveEngine['dialect']['date']): string {
  if (cutoffs.length === 0) return '0';
  return `CASE ${cutoffs.map((cutoff, band) => `WHEN latest >= ${date(cutoff)} THEN ${band}`).join(' ')} ELSE ${cutoffs.length} END`;
}

/** SQL expression for the least number of months, among those by which purchases are grouped, that includes the day `opened`. */
function monthsBefore({ since }: AcquisitionDates, date: HiveEngine['dialect']['date']): string {
  const newer = since.slice(0, -1).map(({ months, day }) => `WHEN opened > ${date(day)} THEN ${months}`);
  const last = String(since.at(-1)!.months);
  return newer.length === 0 ? last : `CASE ${newer.join(' ')} ELSE ${last} END`;
}

/**
 * Query that groups all customers, separately for each window. A list is a text with commas. A product is the first one of its
 * equivalence group. Columns:
 * - w: position of the window
 * - state: holdings at the window's date, as `product:band`, or `product:band:1` for a recent one
 * - added, skipped: products purchased in the window, and in the gap before it
 * - clusters: cluster numbers
 * - context: features
 * - absent: 1 for customers who joined after the window's date
 * @param drawn predicate over `customer`
 */
export function windowCells(
  { hive, tables }: Omit<Tools, 'options'>,
  windows: readonly WindowDates[],
  drawn: string,
  { clusters, since, contexts = [] }: CustomersApart,
): string {
  const { date } = hive.dialect;
  const kept = `(SELECT customer, product, opened, closed FROM ${tables.named('holdings')} WHERE ${drawn})`;
  const flag = (condition: string, name: string) => `max(CASE WHEN ${condition} THEN 1 ELSE 0 END) AS ${name}`;
  const isOpen = whereNumber(windows, ({ at }) => openOn(date(at)));
  const isTaken = (after: 'at' | 'from', upTo: 'from' | 'to') =>
    whereNumber(windows, (window) => `opened > ${date(window[after])} AND opened <= ${date(window[upTo])} AND ${wasHeld}`);
  const items = [
    flag(isOpen, 'held'),
    `max(CASE WHEN ${isOpen} THEN opened END) AS latest`,
    flag(isTaken('from', 'to'), 'added'),
    flag(isTaken('at', 'from'), 'skipped'),
  ];
  const byProduct = `SELECT w, customer, product, ${items.join(', ')}, '' AS clusters, '' AS context, 0 AS absent FROM ${times(kept, windows.length)} GROUP BY w, customer, product`;
  // Customers themselves are rows without a product, so that customers without holdings are included.
  const people = `(SELECT customer${[...new Set([...clusters, ...contexts, ...(since ? ['since'] : [])])].map((name) => `, ${name}`).join('')} FROM ${tables.named('facts')} WHERE ${drawn})`;
  const clusterTexts = windows.map(({ recentSince }) => (recentSince === undefined ? "''" : clustersText(clusters)));
  const absent = since
    ? `CASE WHEN since IS NOT NULL AND ${whereNumber(windows, ({ at }) => `since > ${date(at)}`)} THEN 1 ELSE 0 END`
    : '0';
  const nothing = 'CAST(NULL AS int) AS product, 0 AS held, CAST(NULL AS date) AS latest, 0 AS added, 0 AS skipped';
  const customerRows = `SELECT w, customer, ${nothing}, ${byNumber(clusterTexts)} AS clusters, ${contexts.length > 0 ? byNumber(contexts) : "''"} AS context, ${absent} AS absent FROM ${times(people, windows.length)}`;
  const bands = windows.map((window) => recencyBand(window, date));
  const isNew = whereNumber(windows, ({ recentSince }) =>
    recentSince === undefined ? 'FALSE' : `latest >= ${date(recentSince)}`,
  );
  const taken = (name: string) => `${sortedList(`CASE WHEN ${name} = 1 THEN CAST(product AS string) END`)} AS ${name}`;
  const entry = `concat(CAST(product AS string), ':', CAST(${byNumber(bands)} AS string), CASE WHEN ${isNew} THEN ':1' ELSE '' END)`;
  const state = `${sortedList(`CASE WHEN held = 1 THEN ${entry} END`)} AS state`;
  const own = 'max(clusters) AS clusters, max(context) AS context, max(absent) AS absent';
  const byCustomer = `(SELECT w, customer, ${own}, ${state}, ${taken('added')}, ${taken('skipped')} FROM (${byProduct} UNION ALL ${customerRows}) p GROUP BY w, customer) c`;
  const apart = 'w, clusters, context, absent, state, added, skipped';
  return `SELECT ${apart}, count(*) AS customers FROM ${byCustomer} GROUP BY ${apart}`;
}

/**
 * Makes the table `acquired`, with a row for each date and each purchase before it. A date has no purchases of customers who
 * joined after it. Columns:
 * - w: position of the date
 * - customer, product (the first of its equivalence group), class
 * - months: least number of months before the date that includes the purchase
 * - day: days since 1970-01-01
 * - b0, ...: the customer's holdings before the purchase, by class, as `product:band`
 * @param of.classes number of product classes
 * @param of.hasJoined whether the table of facts has the day on which customers joined
 */
export async function makeAcquired(
  { hive, tables, options }: Tools,
  { acquisitions, bands: spans }: LearningDates,
  { classes, hasJoined }: { classes: number; hasJoined: boolean },
): Promise<void> {
  const { date } = hive.dialect;
  // Date by date, because Hive 4.0.1 loses such a condition over LATERAL VIEW. Later closings are unknown at the date: a row that
  // was a repetition then counts once.
  const rows = acquisitions.map(
    ({ at, since }, w) =>
      `SELECT ${w} AS w, customer, named, product, class, opened, CASE WHEN closed <= ${date(at)} THEN closed END AS closed` +
      ` FROM ${hasJoined ? heldSince(tables) : `${tables.named('holdings')} h`} WHERE ${hasJoined ? `(since IS NULL OR since <= ${date(at)}) AND ` : ''}${wasHeld} AND opened > ${date(since.at(-1)!.day)} AND opened <= ${date(at)}`,
  );
  const events = `SELECT DISTINCT w, customer, named, product, class, opened, closed FROM (${rows.join(' UNION ALL ')}) r`;
  await tables.make('events', events, options);
  const days = `(SELECT DISTINCT customer, opened FROM ${tables.named('events')}) d`;
  const before =
    `(SELECT d.customer, d.opened AS taken, h.product, h.class, max(h.opened) AS latest FROM ${days} JOIN ${tables.named('holdings')} h` +
    ' ON d.customer = h.customer WHERE (h.opened IS NULL OR h.opened < d.opened) AND (h.closed IS NULL OR h.closed >= d.opened)' +
    ' GROUP BY d.customer, d.opened, h.product, h.class) e';
  const bands = spans.map((span, band) => `WHEN datediff(latest, ${dayBefore('taken', span)}) >= 0 THEN ${band}`);
  const band =
    bands.length === 0 ? '0' : `CASE WHEN latest IS NULL THEN ${spans.length} ${bands.join(' ')} ELSE ${spans.length} END`;
  const entry = `concat(CAST(product AS string), ':', CAST(${band} AS string))`;
  const names = Array.from({ length: classes }, (_, i) => `b${i}`);
  const lists = names.map((name, i) => `${sortedList(`CASE WHEN class = ${i} THEN ${entry} END`)} AS ${name}`);
  const held = `(SELECT customer, taken, ${lists.join(', ')} FROM ${before} GROUP BY customer, taken) b`;
  const months = byNumber(acquisitions.map((acquisition) => monthsBefore(acquisition, date)));
  const columns = [
    'w',
    'v.customer',
    'product',
    'class',
    `${months} AS months`,
    `datediff(opened, ${date('1970-01-01')}) AS day`,
    ...names.map((name) => `coalesce(${name}, '') AS ${name}`),
  ];
  const select = `SELECT ${columns.join(', ')} FROM ${tables.named('events')} v LEFT JOIN ${held} ON v.customer = b.customer AND v.opened = b.taken`;
  await tables.make('acquired', select, options);
}

/**
 * Query that groups the purchases in the table `acquired`.
 * Columns: w, clusters, months, product, held (texts as in `acquired`, joined), day (of the first purchase), customers.
 * @param where predicate over w, customer and class that selects the purchases
 * @param classes numbers of the classes whose earlier holdings are part of the grouping
 * @param clusters SQL expression for the cluster numbers as text, over `w` and the table of facts `f`; null: an empty text
 */
export function acquiredCells(
  { tables }: Pick<Tools, 'tables'>,
  where: string,
  classes: readonly number[],
  clusters: string | null,
): string {
  const held = `concat_ws(',', ${classes.map((i) => `CASE WHEN a.b${i} <> '' THEN a.b${i} END`).join(', ')})`;
  const own = `(SELECT * FROM ${tables.named('acquired')} WHERE ${where}) a`;
  const joined = clusters === null ? own : `${own} JOIN ${tables.named('facts')} f ON a.customer = f.customer`;
  const rows = `(SELECT a.w, ${clusters ?? "''"} AS clusters, a.months, a.product, a.day, ${held} AS held FROM ${joined}) c`;
  return `SELECT w, clusters, months, product, held, min(day) AS day, count(*) AS customers FROM ${rows} GROUP BY w, clusters, months, product, held`;
}

/** SQL relation of the holdings, with the day `since` on which the customer joined. */
function heldSince(tables: RunTables): string {
  return `${withSince(tables, tables.named('holdings'))} h`;
}

/** SQL relation of rows with a column `customer`, with the day `since` on which the customer joined. @param rows name of a table, or a query in brackets */
export function withSince(tables: RunTables, rows: string): string {
  const joined = `(SELECT customer AS id, since FROM ${tables.named('facts')}) j`;
  return `(SELECT r.*, j.since FROM ${rows} r JOIN ${joined} ON r.customer = j.id)`;
}

/**
 * For each equivalence group, named by its first product: the first day on which any customer opened it, in days since
 * 1970-01-01.
 * @param since whether the table of facts has the day on which customers joined
 */
export async function firstOpened(
  { hive, tables, options }: Tools,
  since: boolean,
): Promise<{ product: number; first: number }[]> {
  const day = since ? 'CASE WHEN since > opened THEN since ELSE opened END' : 'opened';
  const first = `min(datediff(${day}, ${hive.dialect.date('1970-01-01')})) AS first_day`;
  const from = since ? heldSince(tables) : `${tables.named('holdings')} h`;
  const sql = `SELECT product, ${first} FROM ${from} WHERE opened IS NOT NULL GROUP BY product`;
  const rows = await queryRows(hive, sql, options);
  return rows.map((row) => ({ product: Number(row.product), first: Number(row.first_day) }));
}

/**
 * Number of openings up to a date, by month. `month` is 12 x year + month of the year, with January as 0. Openings of a customer on one day count once.
 * @param hasJoined whether the table of facts has the day on which customers joined
 * @param included predicate over `customer` and `product`
 */
export async function openingsByMonth(
  { hive, tables, options }: Tools,
  upTo: PlainDate,
  hasJoined: boolean,
  included: string,
): Promise<{ month: number; openings: number }[]> {
  const end = hive.dialect.date(upTo);
  const from = hasJoined ? heldSince(tables) : `${tables.named('holdings')} h`;
  const member = hasJoined ? `(since IS NULL OR since <= ${end}) AND ` : '';
  const days = `(SELECT DISTINCT customer, opened FROM ${from} WHERE ${member}opened <= ${end} AND ${included}) d`;
  const month = 'year(opened) * 12 + month(opened) - 1';
  const rows = await queryRows(hive, `SELECT ${month} AS at_month, count(*) AS openings FROM ${days} GROUP BY ${month}`, options);
  return rows.map((row) => ({ month: Number(row.at_month), openings: Number(row.openings) })).sort((a, b) => a.month - b.month);
}
