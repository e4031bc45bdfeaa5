import type { Dialect } from './dialect.ts';
import { clauseWords, type HiddenColumns, hiddenColumns, isStar, setWords, withoutExcluded } from './hidden-columns.ts';
import { closingBracket, isName, isSign, isWord, type SqlToken, sqlWords } from './sql-tokens.ts';

/** The parts of a dialect that are needed to read SQL. */
export type SqlDialect = Pick<Dialect, 'name' | 'lexis' | 'quote'>;

/** Columns that no model may use, and how second columns are recognised. */
export interface ColumnReasons {
  /** Reason in words for each column, by its name in lower case. */
  columns: ReadonlyMap<string, string>;
  /** Largest n for which a repeated column NAME can get the name `NAME_n` (see `mostCopies`). */
  copies: number;
}

/** Largest n for which a repeated column NAME in the header of a file is expected to get the name `NAME_n`. */
const copiesInFile = 9;
/** Matches the name of a second column: if a query has two columns `sex`, DuckDB names the second `sex_1` or `sex:1`. */
const copyName = /^(.+)[_:]([1-9]\d*)$/;

/**
 * Reason why a model may not use a column; undefined if it may. The reason of `sex` also holds for `sex_1` and `sex:1`, if these can
 * be names of a repeated column `sex` (see `copyName`).
 */
export function reasonOf(name: string, { columns, copies }: ColumnReasons): string | undefined {
  const own = columns.get(name.toLowerCase());
  if (own !== undefined) return own;
  let copy = copyName.exec(name.toLowerCase());
  for (; copy !== null && Number(copy[2]) <= copies; copy = copyName.exec(copy[1]!)) {
    const first = columns.get(copy[1]!);
    if (first !== undefined)
      return `${first}, and \`${name}\` can be a second one${copies === Number.POSITIVE_INFINITY ? ' of a query with `*`: name the columns there' : ''}`;
  }
  return undefined;
}

/**
 * Largest n for which a repeated column NAME in these queries, or in a file, can get the name `NAME_n`. It is infinite if a query
 * has a `*` over several tables, or several `*`. Otherwise, each use of a name in a query adds 1.
 */
export function mostCopies(dialect: SqlDialect, queries: readonly string[]): number {
  const copies = queries.map((sql) => {
    const tokens = withoutExcluded(sqlWords(dialect, sql));
    return repeatsColumns(tokens) ? Number.POSITIVE_INFINITY : copiesInFile + mostMentions(tokens);
  });
  return Math.max(copiesInFile, ...copies);
}

function mostMentions(tokens: readonly SqlToken[]): number {
  const mentions = new Map<string, number>();
  for (const token of tokens)
    if (isName(token)) mentions.set(token.value.toLowerCase(), (mentions.get(token.value.toLowerCase()) ?? 0) + 1);
  return Math.max(0, ...mentions.values());
}

/** Whether a query has a `*` over several tables, or more than one `*`. */
function repeatsColumns(tokens: readonly SqlToken[]): boolean {
  const none = { stars: 0, hasList: false, isFrom: false };
  const levels = [{ ...none }];
  let [hasStar, isRepeated] = [false, false];
  for (const [i, token] of tokens.entries()) {
    const own = levels.at(-1)!;
    if (isSign(token, '(')) levels.push({ ...none });
    else if (isSign(token, ')') && levels.length > 1) levels.pop();
    else if (isWord(token, ...setWords)) Object.assign(own, none);
    else if (isWord(token, 'select')) Object.assign(own, { ...none, hasList: true });
    else if (isWord(token, 'from')) {
      own.isFrom = true;
      // A FROM without a select list returns all columns. A FROM after a name is part of a function: `extract(year FROM ...)`.
      hasStar ||= !own.hasList && (!isName(tokens[i - 1]) || isWord(tokens[i - 1], ...setWords, 'all', 'name'));
    } else if (isWord(token, ...clauseWords)) own.isFrom = false;
    else if ((isSign(token, '*') && isStar(tokens, i)) || (isWord(token, 'columns') && isSign(tokens[i + 1], '('))) {
      hasStar = true;
      if (++own.stars > 1) isRepeated = true;
    } else if (isWord(token, 'join') || (isSign(token, ',') && own.isFrom)) isRepeated = true;
  }
  return hasStar && isRepeated;
}

/** Reason why an SQL expression over a table is refused: it uses a protected column. Undefined if it does not. */
export function reasonIn(
  dialect: SqlDialect,
  sql: string,
  reasons: ColumnReasons,
  table: 'customers' | 'holdings' = 'customers',
): string | undefined {
  const tokens = sqlWords(dialect, sql);
  const [name] = protectedIn(tokens, reasons);
  if (name !== undefined) return reasonOf(name, reasons);
  const hidden = hiddenColumns(tokens, table);
  return hidden && `${reasonOfHidden(hidden, reasons)} (${hidden.instead})`;
}

/** Reason for refusing a part of an SQL text that returns columns without naming them. Protected columns can be among them. */
function reasonOfHidden({ how }: HiddenColumns, reasons: ColumnReasons): string {
  const [first] = reasons.columns.values();
  return `${first}, and ${how}`;
}

/** Splits tokens at each mark that is not in brackets. */
function splitAt(tokens: readonly SqlToken[], isMark: (token: SqlToken) => boolean): SqlToken[][] {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (depth === 0 && isMark(token)) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

const itemsOf = (tokens: readonly SqlToken[]) => splitAt(tokens, (token) => isSign(token, ','));

/** Name of the column that an item of a select list makes, in lower case. Undefined if the item names none. */
function outputOf(item: readonly SqlToken[]): string | undefined {
  const [last, before] = [item.at(-1), item.at(-2)];
  const isPlain = before === undefined || isSign(before, '.') || isWord(before, 'as', 'distinct', 'select', 'all');
  return isName(last) && isPlain ? last!.value.toLowerCase() : undefined;
}

/** Names of protected columns among the tokens. */
function protectedIn(tokens: readonly SqlToken[], reasons: ColumnReasons): string[] {
  return tokens.flatMap((token) =>
    isName(token) && reasonOf(token.value, reasons) !== undefined ? [token.value.toLowerCase()] : [],
  );
}

/** Names of protected columns in an item of a select list that gives them another name, or computes a value from them. */
function renamedIn(item: readonly SqlToken[], reasons: ColumnReasons): string[] {
  const output = outputOf(item);
  return protectedIn(item, reasons).filter((name) => name !== output);
}

/** Names of the columns that a query returns, by position. Null if it has a `*`, or no select list of its own. */
function outputsOf(tokens: readonly SqlToken[]): (string | undefined)[] | null {
  const open = tokens.findIndex((token) => !isWord(token, 'all', 'distinct'));
  if (isSign(tokens[open], '(') && closingBracket(tokens, open) === tokens.length - 1)
    return outputsOf(tokens.slice(open + 1, -1));
  if (isWord(tokens[open], 'values')) return [];
  const words = splitAt(tokens, (token) => isWord(token, 'select'));
  if (words.length === 1) return null;
  const from = words[0]!.length + 1;
  const items = itemsOf(tokens.slice(from, endOfList(tokens, from)));
  const isAny = (item: readonly SqlToken[]) =>
    item.some((token, i) => (isSign(token, '*') && isStar(item, i)) || (isWord(token, 'columns') && isSign(item[i + 1], '(')));
  return items.some(isAny) ? null : items.map(outputOf);
}

const isByName = (query: readonly SqlToken[]) =>
  isWord(
    query.find((token) => !isWord(token, 'all', 'distinct')),
    'by',
  );

/** The tokens, and separately the tokens within each pair of brackets. */
function bracketsOf(tokens: readonly SqlToken[]): (readonly SqlToken[])[] {
  const levels = [tokens];
  for (const [i, token] of tokens.entries()) if (isSign(token, '(')) levels.push(tokens.slice(i + 1, closingBracket(tokens, i)));
  return levels;
}

/**
 * Names of protected columns in a set operation (such as UNION) that can give a protected column another name, by its position.
 * If the operation names no protected column, the list is [null], which stands for any of them.
 */
function movedIn(tokens: readonly SqlToken[], reasons: ColumnReasons): (string | null)[] {
  const queries = splitAt(tokens, (token) => isWord(token, ...setWords));
  const others = queries
    .slice(1)
    .filter((query) => !isByName(query))
    .map(outputsOf);
  const first = others.length === 0 ? null : outputsOf(queries[0]!);
  const isSame = (outputs: (string | undefined)[] | null) =>
    outputs?.every((name, i) => name === undefined || reasonOf(name, reasons) === undefined || name === first?.[i]) === true;
  if (others.every(isSame)) return [];
  const names = protectedIn(tokens, reasons);
  return names.length > 0 ? names : [null];
}

/** Names of protected columns that a query uses, except for returning a column under the same name. */
function namesUsed(tokens: readonly SqlToken[], reasons: ColumnReasons): string[] {
  const found: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (isWord(token, 'select')) {
      const end = endOfList(tokens, i + 1);
      for (const item of itemsOf(tokens.slice(i + 1, end))) found.push(...renamedIn(item, reasons));
      i = end - 1;
    } else if (isSign(token, '(')) {
      const end = closingBracket(tokens, i);
      found.push(...namesUsed(tokens.slice(i + 1, end), reasons));
      i = end;
    } else found.push(...protectedIn([token], reasons));
  }
  return found;
}

/** Position of the FROM after a select list, or of the end of its query. */
function endOfList(tokens: readonly SqlToken[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    if (isSign(tokens[i], '(')) depth++;
    if (isSign(tokens[i], ')')) depth--;
    const isDistinctFrom = isWord(tokens[i], 'from') && isWord(tokens[i - 1], 'distinct');
    if (depth === 0 && isWord(tokens[i], 'from', ...setWords) && !isDistinctFrom) return i;
  }
  return tokens.length;
}

/** Reason why a query is refused: it returns a protected column under another name. Undefined if it does not. */
export function problemOfQuery(dialect: SqlDialect, sql: string, reasons: ColumnReasons): string | undefined {
  const own = withoutExcluded(sqlWords(dialect, sql));
  const [used] = [...namesUsed(own, reasons), ...bracketsOf(own).flatMap((level) => movedIn(level, reasons))];
  if (typeof used === 'string')
    return `${reasonOf(used, reasons)}, so that no model may use it: select it only under its own name`;
  const hidden = used === null ? unnamedSet(dialect) : hiddenColumns(own, null);
  return hidden && `${reasonOfHidden(hidden, reasons)}: ${hidden.instead}`;
}

const unnamedSet = ({ name }: SqlDialect): HiddenColumns => ({
  how: 'a set operation such as `UNION` can give it another name',
  instead: `list the columns of each query${name === 'duckdb' ? ', or write `UNION ALL BY NAME`' : ''}`,
});
