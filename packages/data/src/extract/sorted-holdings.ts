import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckdbEngine } from '../duckdb/engine.ts';
import { appendColumns } from '../duckdb/table-appender.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import type { KnownProduct } from './product-texts.ts';

/** Options for joining and sorting holdings. */
export interface SortOptions extends StatementOptions {
  /** Number of customers whose holdings are joined and sorted in one step. Default 25 million. */
  customersAtOnce?: number;
}

/** Holdings that are not sorted yet, and the data to join. */
interface Unsorted {
  /** Relation of the holdings, with the columns of `selectHoldings`. */
  raw: string;
  /** Whether reading `raw` takes longer than reading a file. */
  isDear: boolean;
  known: readonly KnownProduct[];
  /** Number of customers in customers.parquet. */
  customers: number;
  /** Relation with the ids of customers who joined after the reference date. Null if there are none. */
  later: string | null;
}

/**
 * Largest number of customers in one step. With more customers, the table of ids and the rows to sort would exceed the usual memory
 * of an engine.
 */
const mostAtOnce = 25_000_000;

/**
 * Writes the holdings of known customers and products in order of customer, product and days.
 * If there are many customers, they are joined in several steps, each with a range of ids. Ids ascend with the customer numbers.
 * If the source is a file sorted by customer, each step reads only a part of it.
 * Each step writes a file of its own, because the engine sorts all rows of a file before it writes the first.
 * @returns names of the files in the order of their customers: holdings.parquet, holdings-1.parquet and so on; and the number of
 * rows of customers who joined later
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
  if (copy) await workbench.copyToParquet(`SELECT * FROM ${raw} h`, copy, options);
  const customersFile = `read_parquet(${text(allCustomers)})`;
  const rows = copy ? `read_parquet(${text(copy)})` : raw;
  const joined = joinHoldings(rows, customersFile, lookup, 'c.customer, p.product');
  const names: string[] = [];
  for (const condition of await rangeConditions(workbench, customersFile, customers, ranges, options)) {
    const name = names.length === 0 ? 'holdings.parquet' : `holdings-${names.length}.parquet`;
    const file = join(folder, name);
    const sorted = `${joined}${condition} ORDER BY customer, product, opened NULLS FIRST, closed NULLS LAST`;
    await workbench.copyToParquet(sorted, file, options);
    names.push(name);
  }
  const joinedLater = later === null ? 0 : await countJoined(workbench, joinHoldings(rows, later, lookup, 'p.product'), options);
  await workbench.run(`DROP TABLE ${lookup}`);
  if (copy) await rm(copy);
  return { files: names, joinedLater };
}

/** Counts the rows that a query returns. */
export async function countJoined(engine: Engine, select: string, options: StatementOptions): Promise<number> {
  return (await queryCounts(engine, { rows: 'count(*)' }, `(${select}) joined`, options)).rows;
}

/**
 * SQL conditions on holdings and on customers that divide the customers into ranges of about equal size. With a single range
 * there is no condition.
 */
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
 * Query of the holdings whose customer and product are known, for DuckDB and for Hive.
 * @param raw relation with the columns of `selectHoldings`
 * @param customers relation of customers with the column `id`
 * @param lookup relation of products with the column `key`, a text of the holdings' product column
 * @param columns select items of the result, in which `c` is the alias of customers and `p` that of the lookup
 */
export function joinHoldings(raw: string, customers: string, lookup: string, columns: string): string {
  return `SELECT ${columns}, h.opened, h.closed FROM ${raw} h JOIN ${customers} c ON h.customer = c.id JOIN ${lookup} p ON h.product = p.key`;
}
