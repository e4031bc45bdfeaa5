import type { CalendarSpan } from '@basketwise/core/parts';
import { openOn, queryRows, type StatementOptions } from '@basketwise/data';
import type { HiveEngine } from './engine.ts';
import type { RunTables } from './run-tables.ts';

/** Date as of which customers are grouped. All dates are ISO. */
export interface WindowDates {
  at: string;
  /** Purchases after `from`, up to `to`, are listed. Purchases in the gap between `at` and `from` are listed separately. */
  from: string;
  to: string;
  /** First day of each recency band except the oldest as of `at`, descending. */
  cutoffs: readonly string[];
  /** First day that counts as new. Present if customers are also grouped by clusters, and holdings by whether they are new. */
  recentSince?: string;
}

/** Properties of customers besides their holdings: columns of the table of facts. */
export interface CustomersApart {
  /** Columns of clusters. */
  clusters: readonly string[];
  /** Whether the table has `since`, the day on which customers joined. */
  since: boolean;
  /** Column with the customers' features, for each window. Absent: no features. */
  contexts?: readonly string[] | undefined;
}

/** Date whose earlier purchases are collected. */
interface AcquisitionDates {
  at: string;
  /**
   * For each number of months, the day that lies so many months before `at`, newest day first. Purchases are grouped by the least
   * number that reaches them.
   * Purchases up to the last day are not collected.
   */
  since: readonly { months: number; day: string }[];
}

/** Training dates of a pushdown run. */
export interface LearningDates {
  acquisitions: readonly AcquisitionDates[];
  /** Extent of all recency bands except the oldest. */
  bands: readonly CalendarSpan[];
}

/** Resources for making the tables of a run. */
interface Tools {
  hive: HiveEngine;
  tables: RunTables;
  options: StatementOptions;
}

/** Rows of a relation, each repeated for `count` numbers in column `w`. */
function times(relation: string, count: number): string {
  const numbers = Array.from({ length: count }, (_, i) => i).join(', ');
  return `(SELECT r.*, e.w FROM ${relation} r LATERAL VIEW explode(array(${numbers})) e AS w) x`;
}

/** Expression that differs by a number. Not for dates: Hive's vectorised CASE returns wrong ones. */
export function byNumber(expressions: readonly string[], name = 'w'): string {
  return `CASE ${name} ${expressions.map((sql, i) => `WHEN ${i} THEN ${sql}`).join(' ')} END`;
}

/** Predicate that differs by the number `w`. */
function whereNumber<T>(all: readonly T[], predicate: (one: T) => string): string {
  return `(${all.map((one, w) => `(w = ${w} AND ${predicate(one)})`).join(' OR ')})`;
}

function sortedList(items: string): string {
  return `concat_ws(',', sort_array(collect_list(${items})))`;
}

/** Predicate: a valid holding, not closed before it was opened. */
const wasHeld = '(closed IS NULL OR closed >= opened)';

/** Clusters as a text with commas, from columns of a table of facts. */
export function clustersText(columns: readonly string[], facts = ''): string {
  return columns.length === 0 ? "''" : `concat_ws(',', ${columns.map((name) => `CAST(${facts}${name} AS string)`).join(', ')})`;
}

/**
 * Day that lies a span before a day, as an expression: months first. A day that a shorter month lacks becomes its last day.
 * Hive's `add_months` maps the last day of a month to that of another one, so it is called with first days.
 */
function dayBefore(day: string, { months, days }: CalendarSpan): string {
  const first = `add_months(trunc(${day}, 'MM'), ${-months})`;
  const inMonth = `date_add(${first}, least(day(${day}), day(last_day(${first}))) - 1)`;
  return days === 0 ? inMonth : `date_sub(${inMonth}, ${days})`;
}

/** Recency band of the day `latest` at the date of a window. */
function recencyBand({ cutoffs }: WindowDates, date: HiveEngine['dialect']['date']): string {
  if (cutoffs.length === 0) return '0';
  return `CASE ${cutoffs.map((cutoff, band) => `WHEN latest >= ${date(cutoff)} THEN ${band}`).join(' ')} ELSE ${cutoffs.length} END`;
}

/** Least number of months, of those that purchases are counted within, that the day `opened` lies in before a date. */
function monthsBefore({ since }: AcquisitionDates, date: HiveEngine['dialect']['date']): string {
  const newer = since.slice(0, -1).map(({ months, day }) => `WHEN opened > ${date(day)} THEN ${months}`);
  const last = String(since.at(-1)!.months);
  return newer.length === 0 ? last : `CASE ${newer.join(' ')} ELSE ${last} END`;
}

/**
 * Query of all customers, grouped by window. Lists are texts with commas. Products are the first of their groups. Columns:
 * - w: position of the window
 * - state: holdings at its date, as `product:band`, or `product:band:1` for a new one
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
 * Makes the table `acquired`: a row for each purchase before each of some dates. Customers who joined after the date are
 * excluded. Columns:
 * - w: position of the date
 * - customer, product (the first of its group), class
 * - months: least number of months before the date that the purchase lies in
 * - day: days since 1970-01-01
 * - b0, ...: the customer's holdings before it, by class, as `product:band`
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
 * Query of the purchases before some of the dates of `acquired`, grouped.
 * Columns: w, clusters, months, product, held (texts as in `acquired`, joined), day (of the first purchase), customers.
 * @param where predicate over w, customer and class
 * @param classes whose earlier holdings are part of the grouping, by number
 * @param clusters a text over `w` and the table of facts, which is `f`; null: an empty one for all
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

/** Holdings with the day on which their customers joined, as `since`. */
function heldSince(tables: RunTables): string {
  const joined = `(SELECT customer AS id, since FROM ${tables.named('facts')}) j`;
  return `(SELECT h.*, j.since FROM ${tables.named('holdings')} h JOIN ${joined} ON h.customer = j.id) h`;
}

/**
 * First day on which a customer opened each product group (its first product), in days since 1970-01-01.
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
