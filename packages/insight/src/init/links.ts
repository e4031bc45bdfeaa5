import { type Engine, queryRows } from '@basketwise/data';
import { type ColumnRef, type SampleColumn, sparser } from './column-samples.ts';
import { type ColumnFacts, canBeKey, isNearlyUnique, type TableFacts } from './survey.ts';

/** Overlap of a column's values with those of another table's key. */
export interface Link {
  from: ColumnRef;
  to: ColumnRef;
  /** Share of the distinct values that are among the key's. */
  share: number;
  /** Share of the rows whose value is among the key's. */
  rows: number;
  /** Share of the distinct values that match, ignoring case, blanks and leading zeros. */
  loose: number;
  /** Share of the key's values that occur. */
  covered: number;
}

/** Key that repeats with a date: one row for each pair of both. */
export interface DatedKey extends ColumnRef {
  date: ColumnFacts;
}

/** Most rows of a table whose names can refer to products without being unique. */
const mostProducts = 20_000;

/** Finds keys that repeat with a date: earlier states of the same objects in one table. */
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
        // One row for nearly each object at nearly each date.
        if (column.distinct * date.distinct > 3 * table.rows || column.distinct < 20) continue;
        const pairs = `(SELECT 1 AS one FROM ${table.from} t GROUP BY ${identifier(column.name)}, ${identifier(date.name)}) pairs`;
        const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS n FROM ${pairs}`);
        if (Number(row!.n) === table.rows) found.push({ table, column, date });
      }
    }
  }
  return found;
}

/** Columns that other tables can refer to: unique ones, keys that repeat with a date, and names of products. */
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

/** Number of values of a large key, and least share of them that a column referring to it has. */
const manyKeys = { least: 20_000, share: 0.001 };

/** Whether a column has too many values for a key, or too few to be a reference. */
function cannotRefer({ distinct }: ColumnFacts, key: ColumnFacts): boolean {
  return distinct > 2 * key.distinct + 10 || (key.distinct >= manyKeys.least && distinct < manyKeys.share * key.distinct);
}

/**
 * Finds references of columns to keys, by their values.
 * @param only the table whose links are measured, in both directions; absent: all
 */
export async function findLinks(
  engine: Engine,
  sampleColumn: SampleColumn,
  { tables, datedKeys }: { tables: readonly TableFacts[]; datedKeys: readonly DatedKey[] },
  only?: TableFacts,
): Promise<Link[]> {
  const links: Link[] = [];
  for (const to of targetsOf(tables, datedKeys)) {
    for (const table of tables) {
      if (table === to.table || (only && table !== only && to.table !== only)) continue;
      for (const column of table.columns) {
        if (!canBeKey(column) || cannotRefer(column, to.column)) continue;
        const link = await measureLink(engine, sampleColumn, { table, column }, to);
        if (Math.max(link.share, link.loose) >= 0.2) links.push(link);
      }
    }
  }
  return links;
}

/** Measures the overlap of a column's values with a key: exactly, or if there are many values, on values selected by a hash. */
export async function measureLink(engine: Engine, sampleColumn: SampleColumn, from: ColumnRef, to: ColumnRef): Promise<Link> {
  const [values, keys] = [await sampleColumn(from), await sampleColumn(to)];
  const every = Math.max(values.every, keys.every);
  const [v, k] = [sparser(values, every), sparser(keys, every)];
  const sql =
    `SELECT CAST(count(*) AS DOUBLE) AS distinct_values, CAST(count(k.v) AS DOUBLE) AS found, CAST(sum(v.n) AS DOUBLE) AS all_rows,` +
    ` CAST(sum(CASE WHEN k.v IS NOT NULL THEN v.n ELSE 0 END) AS DOUBLE) AS found_rows, CAST(count(f.f) AS DOUBLE) AS loosely,` +
    ` (SELECT CAST(count(*) AS DOUBLE) FROM ${k} c) AS key_values` +
    ` FROM ${v} v LEFT JOIN ${k} k ON v.v = k.v LEFT JOIN (SELECT DISTINCT f FROM ${k} x) f ON v.f = f.f`;
  const [row] = await queryRows(engine, sql);
  const of = (part: string, whole: string) => (Number(row![whole]) === 0 ? 0 : Number(row![part]) / Number(row![whole]));
  return {
    ...{ from, to },
    share: of('found', 'distinct_values'),
    rows: of('found_rows', 'all_rows'),
    loose: of('loosely', 'distinct_values'),
    covered: of('found', 'key_values'),
  };
}

/** Best link from a table to another, to its key or any of its columns; undefined without any. */
export function linkTo(links: readonly Link[], from: TableFacts, to: TableFacts, key: ColumnFacts | undefined): Link | undefined {
  return links
    .filter((link) => link.from.table === from && link.to.table === to && (key === undefined || link.to.column === key))
    .sort((a, b) => b.share + b.covered - a.share - a.covered)[0];
}
