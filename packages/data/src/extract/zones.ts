import { AppError } from '@basketwise/core';
import { DuckdbEngine } from '../duckdb/engine.ts';
import { namedFiles } from '../duckdb/named-files.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import { mentions } from './expression.ts';
import type { ExtractRequest } from './request.ts';
import type { Sources } from './source-table.ts';

/** A use of a column, or SQL that may use one. */
interface Use {
  place: string;
  columns: readonly (string | null | undefined)[];
  /** Names of the columns that are moments. */
  zoned: readonly string[];
}

/**
 * Refuses moments, whose day is another one in another zone, where they are used and the request names no zone: as dates or features, in
 * expressions, and in queries over files or tables that have them.
 * @throws AppError config
 */
export async function checkZones(
  engine: Engine,
  sources: Sources,
  request: ExtractRequest,
  options: StatementOptions,
): Promise<void> {
  if (request.timeZone !== undefined) return;
  const { customers, products, holdings } = request;
  const uses: Use[] = [
    { place: 'tables.products', columns: [products.saleEnd], zoned: sources.products.zoned },
    { place: 'tables.holdings', columns: [holdings.date, holdings.closed], zoned: sources.holdings.zoned },
    {
      place: 'tables.customers',
      columns: [customers.since, ...request.columns.map(({ name }) => name)],
      zoned: sources.customers.zoned,
    },
    ...(request.features?.items ?? []).map((feature) => ({
      place: feature.place,
      columns: 'column' in feature ? [feature.column] : [],
      zoned: sources.customers.zoned,
    })),
  ];
  for (const { place, columns, zoned } of uses) {
    const used = zoned.find((name) => columns.some((column) => column?.toLowerCase() === name.toLowerCase()));
    if (used !== undefined) throw needsZone(place, used);
  }
  const texts = [
    ...Object.entries({ customers, products, holdings }).map(([role, { sql }]) => ({
      place: `tables.${role}.sql`,
      sql,
      zoned: [],
    })),
    { place: 'tables.holdings.where', sql: holdings.where, zoned: sources.holdings.zoned },
    ...Object.entries(request.derive).map(([name, sql]) => ({ place: `derive.${name}`, sql, zoned: sources.customers.zoned })),
    ...(request.features?.items ?? []).map((feature) => ({
      place: feature.place,
      sql: 'sql' in feature ? feature.sql : undefined,
      zoned: sources.customers.zoned,
    })),
    ...request.predicates.map(({ place, sql }) => ({ place, sql, zoned: sources.customers.zoned })),
    ...request.rules.map(({ require: sql }, i) => ({ place: `rules[${i}].require`, sql, zoned: sources.customers.zoned })),
  ];
  for (const { place, sql, zoned } of texts) {
    if (!sql) continue;
    const used = [...zoned, ...(await zonedBehind(engine, sql, options))].find((name) => mentions(sql, name));
    if (used !== undefined) throw needsZone(place, used);
  }
}

/** Moments among the columns of Parquet files that SQL names, and of the database's tables. */
async function zonedBehind(engine: Engine, sql: string, options: StatementOptions): Promise<string[]> {
  if (!(engine instanceof DuckdbEngine)) return [];
  const { text, isZoned } = engine.dialect;
  const names: string[] = [];
  for (const file of await namedFiles(engine, [sql])) {
    if (!/\.(parquet|pq)$/i.test(file)) continue;
    const columns = await engine.columns(`read_parquet(${text(file)})`, options);
    names.push(...columns.filter(({ type }) => isZoned(type)).map(({ name }) => name));
  }
  if (!engine.hasDatabase()) return names;
  const tables = `SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE database_name = 'source'`;
  const rows = await queryRows(engine, tables, options);
  return [...names, ...rows.filter(({ type }) => isZoned(String(type))).map(({ name }) => String(name))];
}

function needsZone(place: string, column: string): AppError {
  return new AppError(
    'config',
    `${place}: column ${column} holds moments (TIMESTAMP WITH TIME ZONE), whose day depends on the zone`,
    'Set source.time_zone, such as Asia/Seoul.',
  );
}
