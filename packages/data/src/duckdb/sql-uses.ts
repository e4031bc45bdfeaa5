import { Buffer } from 'node:buffer';
import { AppError } from '@basketwise/core/base';
import { queryRows } from '../engine/query-rows.ts';
import { closingBracket, sqlTokens, sqlWords } from '../engine/sql-tokens.ts';
import type { DuckdbEngine } from './engine.ts';
import { catalogOf, type SqlCatalog, type StoredSql } from './stored-sql.ts';

/** SQL text of the config, in the dialect of the engine, with its key in the config. */
export interface WrittenSql {
  sql: string;
  /** Whether the text is a query. Otherwise it is an expression. */
  isQuery: boolean;
  /** Key of the config, for messages. */
  place: string;
}

/** Reason for which an SQL text is refused. */
export interface SqlFault {
  /** The part at fault as written. If it is in a view or macro, the call and the name of the view or macro. */
  call: string;
  /**
   * `engine`: the value depends on the engine, not on tables. `file`: the name of a file is not a literal. `network`: the file
   * has a network address.
   */
  kind: 'clock' | 'random' | 'engine' | 'file' | 'network';
}

/** Files that an SQL text reads. */
export interface SqlUses {
  /** File names and patterns, as written. Some of them may be names of tables. */
  patterns: readonly string[];
  /** The patterns that cannot be names of tables. */
  files: readonly string[];
  fault: SqlFault | undefined;
}

const duckdbClocks = new Set([
  ...['now', 'today', 'current_date', 'get_current_time', 'get_current_timestamp', 'transaction_timestamp'],
  ...['current_localtime', 'current_localtimestamp'],
]);
/** Names that read the clock without brackets. If a column has such a name, the name stands for the column. */
const clockNames = new Set(['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp']);
const duckdbDraws = new Set(['random', 'uuid', 'uuidv4', 'uuidv7', 'gen_random_uuid', 'setseed', 'nextval', 'currval']);
/** Table functions whose first argument names files. */
const readers =
  /^(read_(csv|json|ndjson)(_auto|_objects|_objects_auto)?|read_(parquet|text|blob|duckdb)|parquet_\w+|sniff_csv|glob)$/;
/** Table functions whose result depends only on their arguments. */
const pure = /^(range|generate_series|unnest|repeat|repeat_row|json_each|json_tree|summary)$/;

/**
 * Finds the files that an SQL text reads, and parts whose value can change between runs. Searches the views and macros that the
 * text uses, too.
 * @throws AppError config if it is not one query or expression
 */
export async function sqlUses(engine: DuckdbEngine, written: WrittenSql): Promise<SqlUses> {
  const reading = new SqlReading(engine, await catalogOf(engine));
  await reading.read(written);
  return reading;
}

/** Same as `sqlUses`, for a table or view that the config names with `from`. */
export async function tableUses(engine: DuckdbEngine, name: string): Promise<SqlUses> {
  const reading = new SqlReading(engine, await catalogOf(engine));
  await reading.readTable(name.split('.').at(-1)!);
  return reading;
}

/** Files that the views and macros of the attached database name, whether the config uses them or not. */
export async function storedPatterns(engine: DuckdbEngine): Promise<string[]> {
  const { tables, macros } = await catalogOf(engine);
  const reading = new SqlReading(engine, { tables: new Map(), macros: new Map(), volatile: new Set() });
  for (const stored of [...tables.values(), ...macros.values()].flat()) {
    // If the engine refuses a file, the config cannot use it either.
    if (stored.isOwn) await reading.readStored(stored).catch(ignoreUnread);
  }
  return [...reading.patterns];
}

function ignoreUnread(cause: unknown): void {
  if (!(cause instanceof AppError && cause.code === 'config')) throw cause;
}

class SqlReading implements SqlUses {
  readonly #patterns = new Set<string>();
  readonly #files = new Set<string>();
  readonly #seen = new Set<StoredSql>();
  /** Macros that read a file whose name is one of their arguments. */
  readonly #readsParameter = new Set<StoredSql>();
  readonly #engine: DuckdbEngine;
  readonly #catalog: SqlCatalog;
  fault: SqlFault | undefined;

  constructor(engine: DuckdbEngine, catalog: SqlCatalog) {
    this.#engine = engine;
    this.#catalog = catalog;
  }

  get patterns(): readonly string[] {
    return [...this.#patterns];
  }

  get files(): readonly string[] {
    return [...this.#files];
  }

  async readTable(name: string): Promise<void> {
    for (const stored of this.#catalog.tables.get(name.toLowerCase()) ?? []) await this.readStored(stored);
  }

  async readStored(stored: StoredSql): Promise<void> {
    if (this.#seen.has(stored)) return;
    this.#seen.add(stored);
    await this.read({ ...stored, place: stored.label }, stored);
  }

  async read(written: WrittenSql, stored?: StoredSql): Promise<void> {
    const { root, whole } = await parseSql(this.#engine, written);
    const blame = (kind: SqlFault['kind'], node: SqlNode, name: string) => {
      this.fault ??= { kind, call: stored ? `${name}\` in \`${stored.label}` : callAt(this.#engine, whole, node, name) };
    };
    const tables = new Set<unknown>();
    for (const node of nodesOf(root)) {
      if (node.type === 'TABLE_FUNCTION') tables.add(node.function);
      const sample = node.sample as SqlNode | null | undefined;
      if (sample && sample.seed === -1) blame('random', node, 'SAMPLE');
      if (node.type === 'SHOW_REF' && !node.query) blame('engine', node, 'SHOW');
      if (node.type === 'BASE_TABLE') await this.#named(node, qualifiedTable(node), blame);
      if (node.type === 'COLUMN_REF') this.#column(node, whole, stored !== undefined, blame);
      if (typeof node.function_name === 'string') await this.#call(node, tables.has(node), stored, blame);
    }
  }

  /** Checks a name that stands for a table or for files. */
  async #named(node: SqlNode, name: string, blame: Blame): Promise<void> {
    if (/^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(name)) blame('network', node, name.slice(0, name.indexOf('://') + 3));
    this.#patterns.add(name);
    await this.readTable(String(node.table_name ?? name));
  }

  #column(node: SqlNode, whole: string, isStored: boolean, blame: Blame): void {
    const [name, ...parts] = node.column_names as readonly string[];
    if (parts.length > 0 || !clockNames.has(name!.toLowerCase())) return;
    // A quoted name is a column, or the engine refuses it.
    const isQuoted = Buffer.from(whole)[Number(node.query_location)] === 0x22;
    if (isStored || !isQuoted) blame('clock', node, name!);
  }

  async #call(node: SqlNode, isTable: boolean, stored: StoredSql | undefined, blame: Blame): Promise<void> {
    const name = String(node.function_name).toLowerCase();
    const children = (node.children ?? []) as readonly SqlNode[];
    if (name === 'age' && children.length === 1) blame('clock', node, name);
    if (this.#catalog.volatile.has(name)) {
      blame(duckdbClocks.has(name) ? 'clock' : duckdbDraws.has(name) ? 'random' : 'engine', node, name);
    }
    const macros = this.#catalog.macros.get(name);
    if (macros) await this.#macros(node, macros, children, stored, blame);
    else if (!isTable || pure.test(name)) return;
    else if (name === 'query') await this.#query(node, children[0], blame);
    else if (name === 'query_table' || readers.test(name)) await this.#argument(node, children[0], stored, blame);
    else blame('engine', node, name);
  }

  /** Checks a call of a table macro. If the macro reads files named by its arguments, these arguments must be literals. */
  async #macros(
    node: SqlNode,
    macros: readonly StoredSql[],
    children: readonly SqlNode[],
    stored: StoredSql | undefined,
    blame: Blame,
  ): Promise<void> {
    for (const macro of macros) {
      await this.readStored(macro);
      if (this.#readsParameter.has(macro)) for (const child of children) await this.#argument(node, child, stored, blame);
    }
  }

  /** Checks an argument that names files or tables. */
  async #argument(node: SqlNode, child: SqlNode | undefined, stored: StoredSql | undefined, blame: Blame): Promise<void> {
    const name = String(node.function_name).toLowerCase();
    const texts = child && textsOf(child);
    for (const text of texts ?? []) {
      await this.#named(node, text, blame);
      if (readers.test(name) && !stored) this.#files.add(text);
    }
    if (texts) return;
    if (stored?.isMacro && stored.isQuery && child?.class === 'COLUMN_REF') this.#readsParameter.add(stored);
    else blame('file', node, name);
  }

  async #query(node: SqlNode, child: SqlNode | undefined, blame: Blame): Promise<void> {
    const texts = child && textsOf(child);
    if (texts?.length !== 1) return blame('file', node, 'query');
    const stored = { label: 'query', sql: texts[0]!, isQuery: true, isMacro: false, isOwn: false };
    await this.readStored(stored);
  }
}

type Blame = (kind: SqlFault['kind'], node: SqlNode, name: string) => void;

function qualifiedTable({ catalog_name: catalog, schema_name: schema, table_name: table }: SqlNode): string {
  return [catalog, schema, table].filter(Boolean).join('.');
}

/** The call as written, cut to 80 characters. Only the function's name if the engine gives no position. */
function callAt({ dialect }: DuckdbEngine, whole: string, { query_location: location }: SqlNode, name: string): string {
  const rest = Buffer.from(whole).subarray(Number(location)).toString();
  const words = sqlWords(dialect, rest.slice(0, 1000));
  const open = words.findIndex(({ value }) => value.toLowerCase() === name.toLowerCase()) === 0 ? 1 : -1;
  if (open < 0) return name;
  const last = words[open]?.value === '(' ? closingBracket(words, open) : 0;
  return rest.slice(0, words[last]!.end).slice(0, 80);
}

/** Node of the engine's parse tree. */
type SqlNode = Readonly<Record<string, unknown>>;

/** SQL text and its parse tree. */
interface SqlTree {
  root: SqlNode;
  /** Text that was parsed: the query, or a SELECT of the expression. */
  whole: string;
}

/** Largest depth of nested comments that is parsed. The engine's time grows with the square of the depth. */
const deepestComment = 100;

/**
 * Parses one query, or one expression, with the engine's parser. Nothing is run, and no table need exist.
 * @throws AppError config if the text is not one SELECT, or not one expression
 */
async function parseSql(
  engine: DuckdbEngine,
  { sql, isQuery, place }: { sql: string; isQuery: boolean; place: string },
): Promise<SqlTree> {
  const hint = 'Correct this SQL expression in the config.';
  for (const { kind, isClosed, depth } of sqlTokens(engine.dialect, sql)) {
    if (!isClosed) throw new AppError('config', `${place}: a ${kind} is not closed`, hint);
    if (depth > deepestComment) throw new AppError('config', `${place}: more than ${deepestComment} comments are nested`, hint);
  }
  const whole = isQuery ? `SELECT * FROM (\n${sql}\n) written` : `SELECT (\n${sql}\n)`;
  const rows = await queryRows(engine, `SELECT CAST(json_serialize_sql(${engine.dialect.text(whole)}) AS VARCHAR) AS tree`);
  const tree = JSON.parse(String(rows[0]!.tree)) as { error: boolean; error_message?: string; statements?: SqlNode[] };
  if (tree.error) throw new AppError('config', `${place}: ${String(tree.error_message).split('\n')[0]}`, hint);
  if (tree.statements?.length !== 1)
    throw new AppError('config', `${place}: this is more than one statement`, 'Give one query or expression.');
  return { root: tree.statements[0]!, whole };
}

/** Yields a node and all nodes below it, in the order of the source text. Not recursive, because trees of long sums are deep. */
function* nodesOf(root: unknown): Generator<SqlNode> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node)) yield node as SqlNode;
    for (const child of Object.values(node).reverse()) open.push(child);
  }
}

/**
 * Texts of a node that is a text constant, or a list of text constants. Undefined for any other node, such as a call or a column.
 */
function textsOf(node: SqlNode): string[] | undefined {
  if (node.class === 'CAST') return textsOf(node.child as SqlNode);
  if (node.class === 'CONSTANT') {
    return constantValues((node.value as SqlNode).value).filter((value) => typeof value === 'string');
  }
  const children = (node.children ?? []) as readonly SqlNode[];
  if (node.type !== 'ARRAY_CONSTRUCTOR' && node.function_name !== 'list_value') return undefined;
  const parts = children.map(textsOf);
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

/** Values of a constant. A list has several. */
function constantValues(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.values(value).flatMap(constantValues);
}
