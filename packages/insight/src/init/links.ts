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

/** Largest number of rows of a table in which a column of names can be a key of products, although some names repeat. */
const mostProducts = 20_000;

/** Columns to which links can lead: unique columns, and names of products. */
function targetsOf(tables: readonly TableFacts[]): ColumnRef[] {
  return tables.flatMap((table) =>
    table.columns
      .filter(
        (column) =>
          canBeKey(column) &&
          (isNearlyUnique(column, table) ||
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
  tables: readonly TableFacts[],
  only?: TableFacts,
): Promise<Link[]> {
  const links: Link[] = [];
  for (const to of targetsOf(tables)) {
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
