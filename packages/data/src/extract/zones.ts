import { AppError } from '@basketwise/core';
import { DuckdbEngine } from '../duckdb/engine.ts';
import { namedFiles } from '../duckdb/named-files.ts';
import { sqlUses, type WrittenSql } from '../duckdb/sql-uses.ts';
import type { Engine, StatementOptions } from '../engine/engine.ts';
import { queryCounts, queryRows } from '../engine/query-rows.ts';
import { namesIn } from '../engine/sql-tokens.ts';
import { withDate } from './dated-sql.ts';
import type { ExtractRequest } from './request.ts';
import type { Sources, SourceTable } from './source-table.ts';

/** Use of a column of moments by the config: as a date column, or possibly in SQL. */
interface Use {
  place: string;
  columns: readonly (string | null | undefined)[];
  /** Names of the columns that are moments. */
  zoned: readonly string[];
}

/**
 * Throws if the request uses moments but names no time zone, on which their day depends. Searches dates, features, expressions,
 * and queries over files or tables that have moments.
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
    { place: 'tables.customers', columns: request.columns.map(({ name }) => name), zoned: sources.customers.zoned },
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
  await refuseMoments(engine, sources.products, 'products', [products.saleStart, products.saleEnd], options);
  await refuseMoments(engine, sources.customers, 'customers', [customers.since], options);
  await refuseMoments(engine, sources.holdings, 'holdings', [holdings.date, holdings.closed], options);
  for (const { place, sql, zoned } of sqlOfRequest(request, sources)) {
    if (!sql) continue;
    const names = namesIn(engine.dialect, sql);
    const isQuery = place.startsWith('tables.') && place.endsWith('.sql');
    // The SQL is searched only for file names, which are literals. So any date can replace `:date`.
    const written = { sql: withDate(engine.dialect, sql, '1970-01-01'), place, isQuery };
    const behind = await zonedBehind(engine, written, options);
    const used = [...zoned, ...behind].find((name) => names.has(name.toLowerCase()));
    if (used !== undefined) throw needsZone(place, used);
  }
}

/** All SQL of a request with its key in the config, and the columns of moments that it may use. */
function sqlOfRequest(
  request: ExtractRequest,
  sources: Sources,
): { place: string; sql: string | null | undefined; zoned: readonly string[] }[] {
  const { customers, products, holdings } = request;
  const { zoned } = sources.customers;
  return [
    ...Object.entries({ customers, products, holdings }).map(([role, { sql }]) => ({
      place: `tables.${role}.sql`,
      sql,
      zoned: [],
    })),
    { place: 'tables.holdings.where', sql: holdings.where, zoned: sources.holdings.zoned },
    ...Object.entries(request.derive).map(([name, sql]) => ({ place: `derive.${name}`, sql, zoned })),
    ...(request.features?.items ?? []).map((feature) => ({
      place: feature.place,
      sql: 'sql' in feature ? feature.sql : undefined,
      zoned,
    })),
    ...request.predicates.map(({ place, sql }) => ({ place, sql, zoned })),
    ...request.rules.map(({ require: sql }, i) => ({ place: `rules[${i}].require`, sql, zoned })),
  ];
}

/**
 * Throws if a date column has moments (by its type, or as texts with an offset) but the request names no time zone.
 * @throws AppError config
 */
export async function refuseMoments(
  engine: Engine,
  table: SourceTable,
  role: string,
  columns: readonly (string | null | undefined)[],
  options: StatementOptions,
): Promise<void> {
  const place = `tables.${role}`;
  for (const name of columns) {
    if (!name) continue;
    const isZoned = table.zoned.some((zoned) => zoned.toLowerCase() === name.toLowerCase());
    if (isZoned) throw needsZone(place, name);
    if (table.typeOf(name) !== 'text' || !engine.dialect.isMoment) continue;
    const isMoment = engine.dialect.isMoment(engine.dialect.identifier(name));
    const rows = `(SELECT 1 AS found FROM ${table.from} dated WHERE ${isMoment} LIMIT 1) found`;
    const { found } = await queryCounts(engine, { found: 'count(*)' }, rows, { ...options, place });
    if (found > 0) throw needsZone(place, name);
  }
}

/** Columns of moments in the Parquet files that an SQL text names, and in the tables of the database. */
async function zonedBehind(engine: Engine, written: WrittenSql, options: StatementOptions): Promise<string[]> {
  if (!(engine instanceof DuckdbEngine)) return [];
  const { text, isZoned } = engine.dialect;
  const names: string[] = [];
  const { patterns } = await sqlUses(engine, written);
  for (const file of await namedFiles(engine, patterns)) {
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
    `${place}: column ${column} holds moments (timestamps with a zone), whose day depends on the zone`,
    'Set source.time_zone, such as Asia/Seoul.',
  );
}
