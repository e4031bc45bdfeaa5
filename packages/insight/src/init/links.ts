import { type Engine, queryRows } from '@basketwise/data';
import { type ColumnFacts, canBeKey, isNearlyUnique, type TableFacts } from './survey.ts';

/** A column of a table. */
export interface ColumnRef {
  table: TableFacts;
  column: ColumnFacts;
}

/** Overlap of a column's values with those of another table's key. */
export interface Link {
  from: ColumnRef;
  to: ColumnRef;
  /** Shares of the distinct values, and of the rows, that are among the key's. */
  share: number;
  rows: number;
  /** Share of the distinct values that match, ignoring case, blanks and leading zeros. */
  loose: number;
  /** Share of the key's values that occur. */
  covered: number;
}

/** A key that repeats with a date: one row for each pair of both. */
export interface DatedKey extends ColumnRef {
  date: ColumnFacts;
}

/** Most rows of a table whose names may refer to products without being unique. */
const mostProducts = 20_000;

/** Keys that repeat with a date: earlier states of the same objects in one table. */
export async function findDatedKeys(engine: Engine, tables: readonly TableFacts[]): Promise<DatedKey[]> {
  const { identifier } = engine.dialect;
  const found: DatedKey[] = [];
  for (const table of tables) {
    for (const date of table.columns.filter(
      ({ isDate, nulls, distinct }) => isDate && nulls === 0 && distinct > 1 && distinct <= table.rows / 2,
    )) {
      for (const column of table.columns) {
        if (
          !canBeKey(column) ||
          column.nulls > 0 ||
          column.distinct === table.rows ||
          column.distinct * date.distinct < table.rows ||
          isNearlyUnique(column, table)
        )
          continue;
        // one row for nearly each object at nearly each date
        if (column.distinct * date.distinct > 3 * table.rows || column.distinct < 20) continue;
        const pairs = `(SELECT 1 AS one FROM ${table.from} t GROUP BY ${identifier(column.name)}, ${identifier(date.name)}) pairs`;
        const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS n FROM ${pairs}`);
        if (Number(row!.n) === table.rows) found.push({ table, column, date });
      }
    }
  }
  return found;
}

/** Columns that other tables may refer to: unique ones, keys that repeat with a date, and names of products. */
function targetsOf(tables: readonly TableFacts[], dated: readonly DatedKey[]): ColumnRef[] {
  return tables.flatMap((table) =>
    table.columns
      .filter(
        (column) =>
          canBeKey(column) &&
          (isNearlyUnique(column, table) ||
            dated.some((key) => key.table === table && key.column === column) ||
            (table.rows <= mostProducts && column.nulls === 0 && column.distinct >= table.rows / 2)),
      )
      .map((column) => ({ table, column })),
  );
}

/**
 * References of columns to keys, by their values.
 * @param only the table whose links are measured, in both directions; absent: all
 */
export async function findLinks(
  engine: Engine,
  tables: readonly TableFacts[],
  dated: readonly DatedKey[],
  only?: TableFacts,
): Promise<Link[]> {
  const links: Link[] = [];
  for (const to of targetsOf(tables, dated)) {
    for (const table of tables) {
      if (table === to.table || (only && table !== only && to.table !== only)) continue;
      for (const column of table.columns) {
        if (!canBeKey(column) || column.distinct > 2 * to.column.distinct + 10) continue;
        const from = { table, column };
        if (column.distinct > manyValues && !(await isAnyFound(engine, from, to))) continue;
        const link = await measureLink(engine, from, to);
        if (Math.max(link.share, link.loose) >= 0.2) links.push(link);
      }
    }
  }
  return links;
}

/** Distinct values from which some of them are compared first. */
const manyValues = 20_000;
/** Number of values that are compared first. */
const triedValues = 500;

/** Values of a column as they are compared with others, as SQL. */
function comparedValue({ dialect }: Engine, { name }: ColumnFacts): string {
  return `trim(${dialect.asText(dialect.identifier(name))})`;
}

/** A value without case and leading zeros, as SQL. */
const folded = (text: string) => `regexp_replace(lower(${text}), '^0+', '')`;

/** Whether any of some 500 values, drawn by a hash, is among a key's: a column with a fifth of its values there has some hundred. */
async function isAnyFound(engine: Engine, from: ColumnRef, to: ColumnRef): Promise<boolean> {
  const value = comparedValue(engine, from.column);
  const every = Math.ceil(from.column.distinct / triedValues);
  const some = `(SELECT DISTINCT ${folded(value)} AS v FROM ${from.table.from} t WHERE hash(${value}) % ${every} = 0)`;
  const key = folded(comparedValue(engine, to.column));
  const [row] = await queryRows(
    engine,
    `SELECT CAST(count(*) AS DOUBLE) AS n FROM ${to.table.from} t WHERE ${key} IN (SELECT v FROM ${some} s)`,
  );
  return Number(row!.n) > 0;
}

/** Overlap of a column's values with those of a key. */
export async function measureLink(engine: Engine, from: ColumnRef, to: ColumnRef): Promise<Link> {
  const value = (column: ColumnFacts) => comparedValue(engine, column);
  const keys = `(SELECT DISTINCT ${value(to.column)} AS k FROM ${to.table.from} t)`;
  const values = `(SELECT ${value(from.column)} AS v, count(*) AS n FROM ${from.table.from} t WHERE ${value(from.column)} <> '' GROUP BY 1)`;
  const sql =
    `SELECT CAST(count(*) AS DOUBLE) AS distinct_values, CAST(count(k.k) AS DOUBLE) AS found, CAST(sum(v.n) AS DOUBLE) AS all_rows,` +
    ` CAST(sum(CASE WHEN k.k IS NOT NULL THEN v.n ELSE 0 END) AS DOUBLE) AS found_rows, CAST(count(f.k) AS DOUBLE) AS loosely` +
    ` FROM ${values} v LEFT JOIN ${keys} k ON v.v = k.k LEFT JOIN (SELECT DISTINCT ${folded('k')} AS k FROM ${keys} x) f ON ${folded('v.v')} = f.k`;
  const [row] = await queryRows(engine, sql);
  const of = (part: string, whole: string) => (Number(row![whole]) === 0 ? 0 : Number(row![part]) / Number(row![whole]));
  return {
    ...{ from, to },
    share: of('found', 'distinct_values'),
    rows: of('found_rows', 'all_rows'),
    loose: of('loosely', 'distinct_values'),
    covered: Number(row!.found) / to.column.distinct,
  };
}

/** The best link from a table to another, to its key or any of its columns; undefined without any. */
export function linkTo(links: readonly Link[], from: TableFacts, to: TableFacts, key: ColumnFacts | undefined): Link | undefined {
  return links
    .filter((link) => link.from.table === from && link.to.table === to && (key === undefined || link.to.column === key))
    .sort((a, b) => b.share + b.covered - a.share - a.covered)[0];
}
