import { type Engine, queryRows } from '@basketwise/data';
import { type ColumnRef, type SampleColumn, sparser } from './column-samples.ts';
import { type ColumnFacts, canBeKey, isNearlyUnique, type TableFacts } from './survey.ts';

/** Link from a column to the key of another table, with shares that say how many values they have in common. */
export interface Link {
  from: ColumnRef;
  to: ColumnRef;
  /** Share of the column's distinct values that the key has. */
  share: number;
  /** Share of the column's rows whose value the key has. */
  rows: number;
  /** As `share`, but without regard to case, blanks and leading zeros. */
  loose: number;
  /** Share of the key's values that the column has. */
  covered: number;
}

/** Key that occurs once for each date: a pair of a key and a date has one row. */
export interface DatedKey extends ColumnRef {
  date: ColumnFacts;
}

/** Largest number of rows of a table in which a column of names can be a key of products, although some names repeat. */
const mostProducts = 20_000;

/** Finds keys that occur once for each date. Such a table has earlier states of the same objects. */
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
        // Such a table has a row for nearly each object at nearly each date.
        if (column.distinct * date.distinct > 3 * table.rows || column.distinct < 20) continue;
        const pairs = `(SELECT 1 AS one FROM ${table.from} t GROUP BY ${identifier(column.name)}, ${identifier(date.name)}) pairs`;
        const [row] = await queryRows(engine, `SELECT CAST(count(*) AS DOUBLE) AS n FROM ${pairs}`);
        if (Number(row!.n) === table.rows) found.push({ table, column, date });
      }
    }
  }
  return found;
}

/** Columns to which links can lead: unique columns, keys that occur once for each date, and names of products. */
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

/** If a key has at least `least` values, a column that refers to it has at least this share of them. */
const manyKeys = { least: 20_000, share: 0.001 };

/** Whether a column cannot refer to a key, because it has too many or too few distinct values. */
function cannotRefer({ distinct }: ColumnFacts, key: ColumnFacts): boolean {
  return distinct > 2 * key.distinct + 10 || (key.distinct >= manyKeys.least && distinct < manyKeys.share * key.distinct);
}

/**
 * Finds links from columns to keys, by comparing their values.
 * @param only table whose links, in both directions, are measured; absent: all tables
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

/**
 * Measures how many values a column and a key have in common. If there are many values, a hash selects the values to
 * compare.
 */
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

/** Best link from one table to another, to its key or to another column. Undefined if there is none. */
export function linkTo(links: readonly Link[], from: TableFacts, to: TableFacts, key: ColumnFacts | undefined): Link | undefined {
  return links
    .filter((link) => link.from.table === from && link.to.table === to && (key === undefined || link.to.column === key))
    .sort((a, b) => b.share + b.covered - a.share - a.covered)[0];
}
