import { queryRows } from '../engine/query-rows.ts';
import { closingBracket, sqlTokens, sqlWords } from '../engine/sql-tokens.ts';
import type { DuckdbEngine } from './engine.ts';

/** SQL that a database stores: the SQL of a view, a macro or a generated column. */
export interface StoredSql {
  /** Name for messages, such as `the view active_customers`. */
  label: string;
  sql: string;
  isQuery: boolean;
  /** Whether the SQL belongs to a macro, so that names in the SQL can be parameters of the macro. */
  isMacro: boolean;
  /** Whether the SQL belongs to the attached database. Otherwise it is the engine's own. */
  isOwn: boolean;
}

/**
 * Stored SQL by the name that uses it, and functions whose value does not depend on tables alone. All names are in lower case.
 */
export interface SqlCatalog {
  /** SQL of each view or table, by its name. */
  tables: ReadonlyMap<string, readonly StoredSql[]>;
  /** SQL of each macro, by its name. */
  macros: ReadonlyMap<string, readonly StoredSql[]>;
  /** Functions that the engine marks as volatile: their value can change from call to call. */
  volatile: ReadonlySet<string>;
}

const catalogs = new WeakMap<DuckdbEngine, Promise<SqlCatalog>>();

/** Views, macros and functions that SQL text in this engine can use. */
export function catalogOf(engine: DuckdbEngine): Promise<SqlCatalog> {
  const known = catalogs.get(engine);
  if (known) return known;
  const reading = readCatalog(engine);
  catalogs.set(engine, reading);
  return reading;
}

/** Functions that depend on the clock or on settings, although the engine does not mark them as volatile. */
const mislabelled = ['current_localtime', 'current_localtimestamp', 'current_setting', 'getvariable'];
/** Functions that the engine marks as volatile, but that return no value. */
const harmless = new Set(['error']);

async function readCatalog(engine: DuckdbEngine): Promise<SqlCatalog> {
  const views = await queryRows(engine, 'SELECT view_name AS name, database_name AS source, sql FROM duckdb_views()');
  const tables = await queryRows(
    engine,
    `SELECT table_name AS name, database_name AS source, sql FROM duckdb_tables() WHERE sql ILIKE '%generated%'`,
  );
  const functions = await functionsOf(engine);
  const stored = (row: (typeof views)[number], kind: string, rest: Pick<StoredSql, 'sql' | 'isQuery' | 'isMacro'>) => ({
    name: String(row.name).toLowerCase(),
    one: { label: `the ${kind} ${row.name}`, isOwn: row.source === 'source', ...rest },
  });
  return {
    tables: groupByName([
      ...views.map((row) => stored(row, 'view', { sql: viewQuery(engine, String(row.sql)), isQuery: true, isMacro: false })),
      ...tables.flatMap((row) =>
        computedColumns(engine, String(row.sql)).map((sql) => stored(row, 'table', { sql, isQuery: false, isMacro: false })),
      ),
    ]),
    macros: groupByName(
      functions
        .filter(({ sql }) => sql !== null)
        .map((row) => stored(row, 'macro', { sql: String(row.sql), isQuery: row.type === 'table_macro', isMacro: true })),
    ),
    volatile: new Set([
      ...functions
        .filter(({ changes }) => changes === 1)
        .map(({ name }) => String(name).toLowerCase())
        .filter((name) => !harmless.has(name)),
      ...mislabelled,
    ]),
  };
}

type Functions = Awaited<ReturnType<typeof queryRows>>;
/** Cache of the functions of engines whose path is a folder. All such engines have the same functions, which are slow to list. */
let ofFolders: Functions | undefined;

/** Lists the macros and the volatile functions of the engine. */
async function functionsOf(engine: DuckdbEngine): Promise<Functions> {
  const isFolder = engine.options.path !== undefined && !engine.hasDatabase();
  if (ofFolders && isFolder) return ofFolders;
  const found = await queryRows(
    engine,
    `SELECT * FROM (
       SELECT function_name AS name, database_name AS source, macro_definition AS sql, function_type AS type,
         CASE WHEN stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY') THEN 1 ELSE 0 END AS changes
       FROM duckdb_functions()
     ) WHERE changes = 1 OR sql IS NOT NULL`,
  );
  if (isFolder) ofFolders = found;
  return found;
}

function groupByName(all: readonly { name: string; one: StoredSql }[]): ReadonlyMap<string, StoredSql[]> {
  const found = new Map<string, StoredSql[]>();
  for (const { name, one } of all) found.set(name, [...(found.get(name) ?? []), one]);
  return found;
}

/** The query in a stored `CREATE VIEW name AS query`. In stored SQL, names that are keywords are quoted. */
function viewQuery({ dialect }: DuckdbEngine, sql: string): string {
  const as = sqlTokens(dialect, sql).find(({ kind, value }) => kind === 'word' && value.toLowerCase() === 'as');
  return as ? sql.slice(as.end).replace(/;\s*$/, '') : sql;
}

/** Expressions of the generated columns, `GENERATED ALWAYS AS (expression)`, in a CREATE TABLE. */
function computedColumns({ dialect }: DuckdbEngine, sql: string): string[] {
  const words = sqlWords(dialect, sql);
  return words.flatMap(({ kind, value }, i) => {
    if (kind !== 'word' || value.toLowerCase() !== 'always') return [];
    const close = words[closingBracket(words, i + 2)];
    return close && words[i + 2]?.value === '(' ? [sql.slice(words[i + 2]!.end, close.start)] : [];
  });
}
