import { stat } from 'node:fs/promises';
import { AppError } from '@basketwise/core/error';
import { ifThere } from '../engine/if-there.ts';
import { queryRows } from '../engine/query-rows.ts';
import type { DuckdbEngine } from './engine.ts';

/** Files that a pattern finds, looked for as the engine itself does; none where it finds none, or is no pattern of files. */
export async function filesOf(engine: DuckdbEngine, pattern: string): Promise<string[]> {
  if (pattern === '') return [];
  const rows = await queryRows(engine, `SELECT file FROM glob(${engine.dialect.text(pattern)})`).catch((cause) => {
    // such as the address of a server, which no extension is there for
    if (cause instanceof AppError) return [];
    throw cause;
  });
  return rows.map(({ file }) => String(file));
}

/**
 * Files that queries and expressions of the engine's SQL read, as far as the text names them: tables that are files, and texts given to table
 * functions. So of views and macros of the database, if there is one.
 * @param sql queries, or expressions
 */
export async function namedFiles(engine: DuckdbEngine, sql: readonly string[]): Promise<string[]> {
  const patterns = new Set<string>();
  for (const text of [...sql, ...(await storedSql(engine))])
    for (const tree of await treesOf(engine, text)) collect(tree, false, patterns);
  const files = await Promise.all([...patterns].map((pattern) => filesOf(engine, pattern)));
  const beside = await Promise.all(files.flat().map(writeAheadLog));
  return [...files.flat(), ...beside.flat()];
}

/** The log beside a database file that has what was not written into it yet; none where there is none. @throws AppError as `ifThere` */
export async function writeAheadLog(file: string): Promise<string[]> {
  const log = `${file}.wal`;
  const found = await ifThere(log, stat(log));
  return found?.isFile() ? [log] : [];
}

/** Views and macros of the attached database. */
async function storedSql(engine: DuckdbEngine): Promise<string[]> {
  if (!engine.hasDatabase()) return [];
  const views = "SELECT sql FROM duckdb_views() WHERE database_name = 'source' AND NOT internal";
  const macros =
    "SELECT macro_definition AS sql FROM duckdb_functions() WHERE database_name = 'source' AND macro_definition IS NOT NULL";
  const rows = await queryRows(engine, `${views} UNION ALL ${macros}`);
  return rows.map((row) => String(row.sql));
}

/** The parsed forms of a query, of an expression, or of the query of a view; empty where the engine cannot parse it, or not tell. */
async function treesOf(engine: DuckdbEngine, sql: string): Promise<unknown[]> {
  const query = sql.replace(/[\s;]+$/, '');
  const isView = /^\s*CREATE\b/i.test(query);
  const bodies = isView ? [...query.matchAll(/\bAS\b/gi)].map(({ index }) => query.slice(index + 2)) : [query];
  const tried = [...bodies, ...(isView ? [] : [`SELECT (\n${query}\n)`])];
  for (const text of tried) {
    const rows = await queryRows(engine, `SELECT CAST(json_serialize_sql(${engine.dialect.text(text)}) AS VARCHAR) AS tree`);
    const tree = JSON.parse(String(rows[0]!.tree)) as { error: boolean };
    if (!tree.error) return [tree];
  }
  return [];
}

/** Adds the names of tables, and the texts below table functions. */
function collect(node: unknown, inFunction: boolean, into: Set<string>): void {
  if (Array.isArray(node)) {
    for (const one of node) collect(one, inFunction, into);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { type, value, catalog_name, schema_name, table_name } = node as Readonly<Record<string, unknown>>;
  if (type === 'BASE_TABLE') into.add([catalog_name, schema_name, table_name].filter(Boolean).join('.'));
  if (inFunction && type === 'VALUE_CONSTANT') collectTexts(value, into);
  for (const child of Object.values(node)) collect(child, inFunction || type === 'TABLE_FUNCTION', into);
}

/** Adds the texts of a constant, which may be a list. */
function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') into.add(value);
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) collectTexts(one, into);
}
