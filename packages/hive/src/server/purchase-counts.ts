import type { HiveEngine } from './engine.ts';
import type { RunTables } from './run-tables.ts';
import { byNumber } from './window-cells.ts';

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

/**
 * Query that counts purchases before two dates of `acquired`. Columns:
 * - w, class, product
 * - part: number of the part of the window before the date; 0 is the newest
 * - held: what the customer held of the class before the purchase: 0 nothing, 1 other products, 2 the product itself
 * - purchases
 * - firsts: purchases of customers without the class, each counted once in a part
 * @param window length in days of the window before each date, and the number of its equal parts
 * @param drawn predicate over `customer`
 */
export function purchaseCounts(
  { tables }: Pick<CountTools, 'tables'>,
  dates: readonly CountedDate[],
  window: { days: number; parts: number },
  classes: number,
  drawn: string,
): string {
  const baskets = Array.from({ length: classes }, (_, i) => `b${i}`);
  const own = byNumber(baskets, 'class');
  const today = `CASE ${dates.map(({ w, day }) => `WHEN w = ${w} THEN ${day}`).join(' ')} END`;
  const which = `SELECT w, customer, class, product, day, ${own} AS own, ${today} AS today FROM ${tables.named('acquired')} WHERE w IN (${dates.map(({ w }) => w).join(', ')}) AND ${drawn}`;
  const part = `CAST(floor((today - day) * ${window.parts} / ${window.days}) AS int) AS part`;
  const held = `CASE WHEN own = '' THEN 0 WHEN instr(concat(',', own), concat(',', CAST(product AS string), ':')) > 0 THEN 2 ELSE 1 END AS held`;
  const grouped = `(SELECT w, customer, class, product, day, ${part}, ${held} FROM (${which}) a) t`;
  const place = 'row_number() OVER (PARTITION BY w, customer, class, part, held ORDER BY product, day) AS place';
  const placed = `(SELECT w, class, product, part, held, ${place} FROM ${grouped}) p`;
  const counts = 'count(*) AS purchases, sum(CASE WHEN held = 0 AND place = 1 THEN 1 ELSE 0 END) AS firsts';
  return `SELECT w, class, product, part, held, ${counts} FROM ${placed} GROUP BY w, class, product, part, held`;
}

/**
 * Query that counts all customers, and the holders of each class, on the reference date. Columns: customers, h0, h1, ... (one per
 * class).
 */
export function customerCounts({ tables }: Pick<CountTools, 'tables'>, classes: number, drawn: string): string {
  const held = Array.from({ length: classes }, (_, i) => `count(CASE WHEN b${i} <> '' THEN 1 END) AS h${i}`);
  return `SELECT ${['count(*) AS customers', ...held].join(', ')} FROM ${tables.named('facts')} WHERE ${drawn}`;
}
