import { type DuckdbEngine, openDuckdb } from '@basketwise/data';

/** Holdings of a bank, customer by customer; days are counted from 1970-01-01, `never` stands for none. */
export interface DatedHoldings {
  customers: number;
  /** Rows of customer c: start[c] .. start[c + 1] - 1. */
  start: Uint32Array;
  product: Int32Array;
  opened: Int32Array;
  closed: Int32Array;
}

/** A bank as its files have it. */
export interface DatedBank extends DatedHoldings {
  /** Customers' ids, by number; products by name. */
  ids: string[];
  products: { name: string; class: string; saleEnd: number }[];
}

/** How a bank's files are read: SQL with the columns that are named. */
export interface BankQueries {
  /** id, in their order. */
  customers: string;
  /** name, class, sale_end (a date or null). */
  products: string;
  /** id, name, opened, closed (dates or null). */
  holdings: string;
}

export const never = -(2 ** 31);
const day = (column: string) => `coalesce(datediff('day', date '1970-01-01', ${column}), ${never})::int`;

/** Lends an engine that reads the files of a folder. */
export async function withEngine<T>(folder: string, use: (engine: DuckdbEngine) => Promise<T>): Promise<T> {
  const engine = await openDuckdb({ memory: '2GB', threads: 1, tempDirectory: `${folder}/spill`, path: folder });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** Reads a bank. */
export function readBank(folder: string, sql: BankQueries): Promise<DatedBank> {
  return withEngine(folder, async (engine) => {
    const ids: string[] = [];
    for await (const { columns, rows } of engine.query(`select id::varchar as id from (${sql.customers}) order by id::varchar`))
      for (let row = 0; row < rows; row++) ids.push(String(columns.id![row]));
    const products: DatedBank['products'] = [];
    const listed = `select name, class, ${day('sale_end')} as sale_end from (${sql.products}) order by name`;
    for await (const { columns, rows } of engine.query(listed)) {
      for (let row = 0; row < rows; row++) {
        const saleEnd = Number(columns.sale_end![row]);
        products.push({ name: String(columns.name![row]), class: String(columns.class![row]), saleEnd });
      }
    }
    const numberOf = new Map(ids.map((id, at) => [id, at]));
    const productOf = new Map(products.map(({ name }, at) => [name, at]));
    const rows: { customer: number; product: number; opened: number; closed: number }[] = [];
    const held = `select id::varchar as id, name, ${day('opened')} as opened, ${day('closed')} as closed from (${sql.holdings})`;
    for await (const { columns, rows: count } of engine.query(held)) {
      for (let row = 0; row < count; row++) {
        const [customer, product] = [numberOf.get(String(columns.id![row])), productOf.get(String(columns.name![row]))];
        if (customer === undefined || product === undefined) continue;
        rows.push({ customer, product, opened: Number(columns.opened![row]), closed: Number(columns.closed![row]) });
      }
    }
    rows.sort((a, b) => a.customer - b.customer);
    return { ids, products, ...packed(ids.length, rows) };
  });
}

function packed(
  customers: number,
  rows: readonly { customer: number; product: number; opened: number; closed: number }[],
): DatedHoldings {
  const start = new Uint32Array(customers + 1);
  for (const { customer } of rows) start[customer + 1]!++;
  for (let customer = 0; customer < customers; customer++) start[customer + 1]! += start[customer]!;
  const column = (of: 'product' | 'opened' | 'closed') => Int32Array.from(rows, (row) => row[of]);
  return { customers, start, product: column('product'), opened: column('opened'), closed: column('closed') };
}

const millisecondsPerDay = 86_400_000;

/** Days from 1970-01-01 to a date, and the other way round. */
export const dayOf = (date: string) => Date.parse(date) / millisecondsPerDay;
export const dateOf = (day: number) => new Date(day * millisecondsPerDay).toISOString().slice(0, 10);

/** The day so many months later, or earlier: the last of its month where there is no such day, or where the given one is the last of its own. */
export function monthsLater(day: number, months: number): number {
  const date = new Date(day * millisecondsPerDay);
  const [year, month, of] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const lengthOf = (at: number) => new Date(Date.UTC(year, at + 1, 0)).getUTCDate();
  const last = lengthOf(month + months);
  return Date.UTC(year, month + months, of === lengthOf(month) ? last : Math.min(of, last)) / millisecondsPerDay;
}
