import { AppError } from '@basketwise/core/error';
import { queryRows } from '../engine/query-rows.ts';
import { sqlTokens } from '../engine/sql-tokens.ts';
import type { DuckdbEngine } from './engine.ts';

/** Node of the engine's parse tree. */
export type SqlNode = Readonly<Record<string, unknown>>;

/** SQL text and its parse tree. */
export interface SqlTree {
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
export async function parseSql(
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
export function* nodesOf(root: unknown): Generator<SqlNode> {
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
export function textsOf(node: SqlNode): string[] | undefined {
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
