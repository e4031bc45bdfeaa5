import { foldedName, type PublishedKind, postgresDialect, publishedTables, quoted } from '@basketwise/data';
import type { PostgresConnection, PostgresOptions } from './connection.ts';

const { text } = postgresDialect;

const postgresTypes = { VARCHAR: 'text', INTEGER: 'integer', BIGINT: 'bigint', FLOAT: 'real' } as const;

/** Type of each column of a published table, by column name. */
export function publishedTypes(of: PublishedKind): Readonly<Record<string, string>> {
  const columns = publishedTables[of].columns.map(({ name, parquet }) => [name, postgresTypes[parquet]]);
  return { reference_date: 'date', ...Object.fromEntries(columns) };
}

/** Comment on tables that publications create for their own use. Only tables with this comment are dropped. */
export const ownMark = 'basketwise: staging of a publication';

/** Names of a published table, and of the tables that its publications create. */
export interface TargetTable {
  /** Name of the published table, as in the catalogue. */
  name: string;
  /** Name of its schema, quoted. */
  schema: string;
  quoted: string;
  /** First characters of the names of all tables that its publications create. */
  prefix: string;
}

/** Parses the name of a published table. */
export function targetTable(publication: { schema: string; table: string }): TargetTable {
  const [place, name] = [quoted(foldedName(publication.schema)), foldedName(publication.table)];
  return { name, schema: place, quoted: `${place}.${quoted(name)}`, prefix: `${name}_bw_` };
}

/** Describes a table: how it is partitioned, and its columns with their types. Undefined if the table does not exist. */
export async function describeTable(
  connection: PostgresConnection,
  { quoted: table }: TargetTable,
  options: PostgresOptions,
): Promise<{ partitioning: string | undefined; columns: ReadonlyMap<string, string> } | undefined> {
  const oid = `to_regclass(${text(table)})`;
  const [found] = await connection.rows(
    `SELECT pg_get_partkeydef(oid) FROM pg_class WHERE oid = ${oid} AND relkind = 'p'
     UNION ALL SELECT NULL FROM pg_class WHERE oid = ${oid} AND relkind <> 'p'`,
    options,
  );
  if (found === undefined) return undefined;
  const columns = await connection.rows(
    `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = ${oid} AND attnum > 0 AND NOT attisdropped`,
    options,
  );
  return { partitioning: found[0] ?? undefined, columns: new Map(columns as [string, string][]) };
}

/** Name of the partition of a date, quoted. Undefined if there is none. */
export async function findPartition(
  connection: PostgresConnection,
  { quoted: table }: TargetTable,
  referenceDate: string,
  options: PostgresOptions,
): Promise<string | undefined> {
  const sql = `SELECT CAST(c.oid AS regclass) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(${text(table)}) AND pg_get_expr(c.relpartbound, c.oid) = ${text(`FOR VALUES IN ('${referenceDate}')`)}`;
  return (await connection.rows(sql, options))[0]?.[0] ?? undefined;
}

/** Drops staging tables of ended attempts. The caller makes sure that no other publication of this table runs. */
export async function dropLeft(
  connection: PostgresConnection,
  { schema, quoted: table, prefix }: TargetTable,
  options: PostgresOptions,
): Promise<void> {
  const sql = `SELECT c.relname FROM pg_class c WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass(${text(table)}))
    AND starts_with(c.relname, ${text(prefix)}) AND c.relkind = 'r' AND NOT c.relispartition
    AND obj_description(c.oid, 'pg_class') = ${text(ownMark)}`;
  for (const [name] of await connection.rows(sql, options))
    await connection.rows(`DROP TABLE IF EXISTS ${schema}.${quoted(name!)}`, options);
}
