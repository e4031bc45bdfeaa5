import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { appendColumns } from '../duckdb/table-appender.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { KnownProduct } from './product-texts.ts';

/** Options of joining and sorting holdings. */
export interface SortOptions extends StatementOptions {
  /** Number of customers whose holdings are joined and sorted at a time. Default 25 million. */
  customersAtOnce?: number;
}

/** Holdings to be sorted. */
interface Unsorted {
  /** Relation with the columns of `selectHoldings`. */
  raw: string;
  /** Whether reading `raw` is more expensive than reading a file. */
  isDear: boolean;
  known: readonly KnownProduct[];
  /** Number of customers in customers.parquet. */
  customers: number;
  /** Relation with the ids of customers who joined after the reference date; null for none. */
  later: string | null;
}

/** Most customers at a time. With more, the table of ids and the rows to sort would exceed an engine's usual memory. */
const mostAtOnce = 25_000_000;

/**
 * Writes the holdings of known customers and products in order of customer, product and days.
 * Many customers are joined in ranges of ids, which ascend with the customer numbers. If a file is ordered by customer, each
 * range reads its part of it.
 * Each range has its own file, as the engine would sort all rows of a file before writing the first.
 * @returns names of the files in the order of their customers: holdings.parquet, holdings-1.parquet and so on; and the rows of
 * customers who joined later
 */
export async function writeSorted(
  workbench: DuckdbEngine,
  { raw, isDear, known, customers, later }: Unsorted,
  { customers: allCustomers, folder }: { customers: string; folder: string },
  { customersAtOnce = mostAtOnce, ...options }: SortOptions,
): Promise<{ files: string[]; joinedLater: number }> {
  const { text } = workbench.dialect;
  const lookup = await writeLookup(workbench, known);
  const ranges = Math.max(1, Math.ceil(customers / customersAtOnce));
  const copy = isDear && ranges > 1 ? workbench.temporaryFile('.parquet') : undefined;
  if (copy) await workbench.run(`COPY (SELECT * FROM ${raw} h) TO ${text(copy)} (FORMAT parquet)`, { ...options, writing: copy });
  const customersFile = `read_parquet(${text(allCustomers)})`;
  const rows = copy ? `read_parquet(${text(copy)})` : raw;
  const joined = joinHoldings(rows, customersFile, lookup, 'c.customer, p.product');
  const names: string[] = [];
  for (const condition of await rangeConditions(workbench, customersFile, customers, ranges, options)) {
    const name = names.length === 0 ? 'holdings.parquet' : `holdings-${names.length}.parquet`;
    const file = join(folder, name);
    const sorted = `${joined}${condition} ORDER BY customer, product, opened NULLS FIRST, closed NULLS LAST`;
    await workbench.run(`COPY (${sorted}) TO ${text(file)} (FORMAT parquet, ROW_GROUP_SIZE 122880)`, {
      ...options,
      writing: file,
    });
    names.push(name);
  }
  const joinedLater = later === null ? 0 : await countJoined(workbench, joinHoldings(rows, later, lookup, 'p.product'), options);
  await workbench.run(`DROP TABLE ${lookup}`);
  if (copy) await rm(copy);
  return { files: names, joinedLater };
}

/** Counts the rows of a query. */
export async function countJoined(engine: Engine, select: string, options: StatementOptions): Promise<number> {
  return (await queryCounts(engine, { rows: 'count(*)' }, `(${select}) joined`, options)).rows;
}

/** Conditions on holdings and customers for ranges with about as many customers each. A single range has no condition. */
async function rangeConditions(
  workbench: DuckdbEngine,
  customersFile: string,
  customers: number,
  ranges: number,
  options: StatementOptions,
): Promise<string[]> {
  if (ranges === 1) return [''];
  const starts = Array.from({ length: ranges - 1 }, (_, i) => Math.floor((customers * (i + 1)) / ranges));
  const sql = `SELECT customer, id FROM ${customersFile} WHERE customer IN (${starts.join(', ')}) ORDER BY customer`;
  const ids = (await queryRows(workbench, sql, options)).map(({ id }) => workbench.dialect.text(String(id)));
  return Array.from({ length: ranges }, (_, i) => {
    const from = i > 0 ? [`c.customer >= ${starts[i - 1]}`, `h.customer >= ${ids[i - 1]}`] : [];
    const to = i < ranges - 1 ? [`c.customer < ${starts[i]}`, `h.customer < ${ids[i]}`] : [];
    return ` WHERE ${[...from, ...to].join(' AND ')}`;
  });
}

async function writeLookup(workbench: DuckdbEngine, known: readonly KnownProduct[]): Promise<string> {
  const lookup = workbench.temporaryTable();
  await workbench.run(`CREATE TABLE ${lookup} (key VARCHAR, product INTEGER)`);
  await appendColumns(workbench, lookup, known.length, [
    { values: known.map(({ key }) => key) },
    { values: Int32Array.from(known, ({ product }) => product) },
  ]);
  return lookup;
}

/**
 * Holdings of known customers and products, in the SQL of either engine.
 * @param raw relation with the columns of `selectHoldings`
 * @param customers relation with `id`
 * @param lookup relation with `key`, a text of the product column
 * @param columns select items over c (customers) and p (lookup)
 */
export function joinHoldings(raw: string, customers: string, lookup: string, columns: string): string {
  return `SELECT ${columns}, h.opened, h.closed FROM ${raw} h JOIN ${customers} c ON h.customer = c.id JOIN ${lookup} p ON h.product = p.key`;
}
