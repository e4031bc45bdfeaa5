import { queryRows } from '../engine/query-rows.ts';
import { closingBracket, sqlTokens, sqlWords } from '../engine/sql-tokens.ts';
import type { DuckdbEngine } from './engine.ts';

/** SQL stored in a database: of a view, a macro, or a generated column. */
export interface StoredSql {
  /** Name for messages, such as `the view offers`. */
  label: string;
  sql: string;
  isQuery: boolean;
  /** Whether names in it can be parameters of a macro. */
  isMacro: boolean;
  /** Whether it belongs to the attached database, not to the engine itself. */
  isOwn: boolean;
}

/** SQL behind names, and functions whose values do not depend on tables. All names are in lower case. */
export interface SqlCatalog {
  /** SQL by name of the view or table. */
  tables: ReadonlyMap<string, readonly StoredSql[]>;
  /** SQL by name of the macro. */
  macros: ReadonlyMap<string, readonly StoredSql[]>;
  /** Functions that the engine marks as volatile. */
  volatile: ReadonlySet<string>;
}

const catalogs = new WeakMap<DuckdbEngine, Promise<SqlCatalog>>();

/** Views, macros and functions that SQL of the engine can name. */
export function catalogOf(engine: DuckdbEngine): Promise<SqlCatalog> {
  const known = catalogs.get(engine);
  if (known) return known;
  const reading = readCatalog(engine);
  catalogs.set(engine, reading);
  return reading;
}

/** Functions that the engine marks as consistent, although they depend on the clock or on settings. */
const mislabelled = ['current_localtime', 'current_localtimestamp', 'current_setting', 'getvariable'];
/** Functions without a value. */
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
/** Functions of an engine whose path is a folder. Listed once, because they are the same for all and slow to list. */
let ofFolders: Functions | undefined;

/** Macros of the engine, and volatile functions. */
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

/** Query of `CREATE VIEW name AS query`. The engine quotes a name that is a keyword. */
function viewQuery({ dialect }: DuckdbEngine, sql: string): string {
  const as = sqlTokens(dialect, sql).find(({ kind, value }) => kind === 'word' && value.toLowerCase() === 'as');
  return as ? sql.slice(as.end).replace(/;\s*$/, '') : sql;
}

/** Expressions of generated columns: `GENERATED ALWAYS AS (expression)`. */
function computedColumns({ dialect }: DuckdbEngine, sql: string): string[] {
  const words = sqlWords(dialect, sql);
  return words.flatMap(({ kind, value }, i) => {
    if (kind !== 'word' || value.toLowerCase() !== 'always') return [];
    const close = words[closingBracket(words, i + 2)];
    return close && words[i + 2]?.value === '(' ? [sql.slice(words[i + 2]!.end, close.start)] : [];
  });
}
