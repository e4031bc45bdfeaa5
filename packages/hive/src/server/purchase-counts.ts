import type { HiveEngine } from './engine.ts';
import type { RunTables } from './run-tables.ts';
import { byNumber, withSince } from './window-cells.ts';

/** Server, and the tables of a run on it. */
interface CountTools {
  hive: HiveEngine;
  tables: RunTables;
}

/** A date before which purchases are counted: its position `w` in the table `acquired`, and its day since 1970-01-01. */
export interface CountedDate {
  w: number;
  day: number;
}

/** Purchases of a sample of customers, with the parts in which they lie. */
export interface CountedPurchases {
  dates: readonly CountedDate[];
  /** Length in days of the window before each date, and the number of its equal parts. */
  window: { days: number; parts: number };
  /** Number of product classes. */
  classes: number;
  /** Predicate over `customer`. */
  drawn: string;
  /** Whether the table of facts has the day on which customers joined. */
  hasJoined: boolean;
}

/** SQL expression for the number of the part, before the day number `today`, that contains the day number `day`. */
function partOf(today: string, day: string, { days, parts }: CountedPurchases['window']): string {
  return `CAST(floor((${today} - ${day}) * ${parts} / ${days}) AS int)`;
}

/** SQL expression for the number of the part in which a customer of the table of facts joined. Null if they joined on an unknown day. */
function joinedPart({ hive }: Pick<CountTools, 'hive'>, today: string, { window, hasJoined }: CountedPurchases): string {
  return hasJoined ? partOf(today, `datediff(since, ${hive.dialect.date('1970-01-01')})`, window) : 'CAST(NULL AS int)';
}

/**
 * SQL relation of the purchases before the dates, by customers who joined before the part of their purchase. Columns:
 * - w, customer, class, product
 * - part: number of the part of the window before the date; 0 is the newest
 * - joined: number of the part in which the customer joined; null if unknown
 * - held: what the customer held of the class before the purchase: 0 nothing, 1 other products, 2 the product itself
 */
function purchases({ hive, tables }: CountTools, counted: CountedPurchases): string {
  const { dates, window, classes, drawn } = counted;
  const baskets = Array.from({ length: classes }, (_, i) => `b${i}`);
  const own = byNumber(baskets, 'class');
  const today = `CASE ${dates.map(({ w, day }) => `WHEN w = ${w} THEN ${day}`).join(' ')} END`;
  const acquired = `(SELECT w, customer, class, product, day, ${own} AS own, ${today} AS today FROM ${tables.named('acquired')} WHERE w IN (${dates.map(({ w }) => w).join(', ')}) AND ${drawn})`;
  const from = counted.hasJoined ? withSince(tables, acquired) : acquired;
  const joined = joinedPart({ hive }, 'today', counted);
  const held = `CASE WHEN own = '' THEN 0 WHEN instr(concat(',', own), concat(',', CAST(product AS string), ':')) > 0 THEN 2 ELSE 1 END`;
  const columns = `w, customer, class, product, ${partOf('today', 'day', window)} AS part, ${joined} AS joined, ${held} AS held`;
  return `(SELECT * FROM (SELECT ${columns} FROM ${from} a) t WHERE joined IS NULL OR joined > part) p`;
}

/** Query that counts purchases before two dates of `acquired`. Columns: w, class, product, part, held, purchases. See `purchases`. */
export function purchaseCounts(tools: CountTools, counted: CountedPurchases): string {
  const apart = 'w, class, product, part, held';
  return `SELECT ${apart}, count(*) AS purchases FROM ${purchases(tools, counted)} GROUP BY ${apart}`;
}

/**
 * Query that counts the customers who purchased in a part and held nothing of the class, each once in a part. Columns: w, class, part, joined,
 * customers. See `purchases`.
 */
export function firstPurchases(tools: CountTools, counted: CountedPurchases): string {
  const apart = 'w, class, part, joined';
  return `SELECT ${apart}, count(DISTINCT customer) AS customers FROM ${purchases(tools, counted)} WHERE held = 0 GROUP BY ${apart}`;
}

/**
 * Query that counts the customers, and the holders of each class, on the reference date, by the part in which they joined. Columns: joined,
 * customers, h0, h1, ... (one per class).
 * @param today reference date, in days since 1970-01-01
 */
export function customerCounts(tools: CountTools, today: number, counted: CountedPurchases): string {
  const held = Array.from({ length: counted.classes }, (_, i) => `count(CASE WHEN b${i} <> '' THEN 1 END) AS h${i}`);
  const joined = joinedPart(tools, String(today), counted);
  const people = `(SELECT *, ${joined} AS joined FROM ${tools.tables.named('facts')} WHERE ${counted.drawn}) c`;
  return `SELECT ${['joined', 'count(*) AS customers', ...held].join(', ')} FROM ${people} GROUP BY joined`;
}
