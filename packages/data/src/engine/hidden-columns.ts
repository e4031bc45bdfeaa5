import { basename, extname } from 'node:path';
import { closingBracket, isName, isSign, isWord, type SqlToken } from './sql-tokens.ts';

/** Part of an SQL text that can return columns whose names are not in the text, such as `*`. */
export interface HiddenColumns {
  /** The part and its effect, as the end of a sentence that begins "`sex` is protected, and ...". */
  how: string;
  /** SQL to write instead. */
  instead: string;
}

/** Words of set operations. In these, a column of each query gets the name of the first query's column at the same position. */
export const setWords = ['union', 'except', 'intersect'];

/** Words that end a FROM clause. */
export const clauseWords = [
  'where',
  'group',
  'having',
  'order',
  'limit',
  'qualify',
  'window',
  'offset',
  'fetch',
  'cluster',
  'sort',
];
/** Words that can follow a relation, and are not its alias. */
const noAlias = [
  ...['on', 'using', 'left', 'right', 'full', 'inner', 'outer', 'cross', 'natural', 'semi', 'anti', 'asof', 'positional'],
  ...['tablesample', 'sample', 'pivot', 'unpivot', 'lateral', 'for', 'with', 'at'],
];
/** Words that can stand before a relation. */
const beforeRelation = ['lateral', 'only', 'all', 'distinct', 'by', 'name', 'table', 'recursive'];
/**
 * Table functions that read the columns of another table or file. All other table functions return values of their arguments,
 * which the SQL text names.
 */
const readsTable = /^(read_|st_read|.*_scan$)/i;
/** Table functions that match columns by their names. */
const readsByName = /^read_(nd)?json/i;
/** Parameters of table functions that give names to the columns, in the order of the columns. */
const namesByPosition = ['names', 'column_names', 'columns', 'schema'];
/** Names of types that form one value with the text after them. */
const typedTexts = ['date', 'time', 'timestamp', 'timestamp_ntz', 'timestamp_ltz', 'timestamptz', 'datetime', 'interval'];
/** Names of DuckDB's schemas and databases. Such a name before a dot names the schema, even if a relation has the same name. */
const schemas = ['main', 'memory', 'temp', 'system'];
/** Words that can stand before a value. */
const beforeValue = [
  'select',
  'distinct',
  'all',
  'any',
  'some',
  'not',
  'exists',
  'case',
  'interval',
  'row',
  'prior',
  'unique',
  'table',
  'variadic',
  'binary',
];
/** Functions that run SQL from a text argument. */
const sqlFunctions = /^(query|query_table|\w+_query|dblink)$/i;

const nameThem = 'name the columns';

/** The tokens of an SQL text without the columns that a `*` excludes. Excluded columns are not returned. */
export function withoutExcluded(tokens: readonly SqlToken[]): SqlToken[] {
  const found: SqlToken[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const end = isSign(tokens[i - 1], '*') && isWord(tokens[i], 'exclude', 'except') ? excludedEnd(tokens, i + 1) : undefined;
    if (end === undefined) found.push(tokens[i]!);
    else i = end;
  }
  return found;
}

/** Index of the last token of a name, or of a list of names in brackets. Undefined for any other token. */
function excludedEnd(tokens: readonly SqlToken[], from: number): number | undefined {
  if (!isSign(tokens[from], '('))
    return isName(tokens[from]) && !isWord(tokens[from], 'select', 'all', 'from') ? from : undefined;
  const end = closingBracket(tokens, from);
  const isList = tokens.slice(from + 1, end).every((one) => (isName(one) && !isWord(one, 'select')) || isSign(one, ',', '.'));
  return isList ? end : undefined;
}

/** Whether a `*` stands for columns. Otherwise it is part of count(*) or COLUMNS(*), or multiplies. */
export function isStar(tokens: readonly SqlToken[], i: number): boolean {
  const before = tokens[i - 1];
  if (isSign(before, '(') && isWord(tokens[i - 2], 'count', 'columns')) return false;
  const isFactor = isName(before) ? !isWord(before, 'select', 'distinct', 'all') : isSign(before, ')', ']', '}');
  return !(isFactor || before?.kind === 'number' || before?.kind === 'text');
}

/** State of the scan within one pair of brackets, or outside all. */
interface Level {
  clause: 'with' | 'list' | 'from' | 'other';
  /** Whether this level is a query whose columns become columns of a relation, with their names. */
  isRelation: boolean;
  /** Meaning of the next name in FROM. */
  next: 'relation' | 'alias' | 'none';
  /** Names of the relation before a possible alias, in lower case. */
  bases: readonly string[];
  /** Position of the newest alias. */
  alias: number;
  /** Whether the relation's columns get names only from an alias. */
  hasNoNames: boolean;
  /** Table function whose arguments are at this level. */
  tableFunction: string | undefined;
}

const level = (isRelation: boolean): Level => ({
  ...{ clause: isRelation ? 'from' : 'other', isRelation, next: isRelation ? 'relation' : 'none' },
  ...{ bases: [], alias: -2, hasNoNames: false, tableFunction: undefined },
});

/** Scans an SQL text from its beginning to its end. */
class Scan {
  readonly #tokens: readonly SqlToken[];
  readonly #levels: Level[];
  /** Names of relations so far, in lower case. */
  readonly #relations: Set<string>;
  /** Positions at which FROM names a relation. */
  readonly #declared = new Set<number>();

  /** Table over which the text is an expression. Null if the text is a query. */
  readonly #table: string | null;

  constructor(tokens: readonly SqlToken[], table: string | null) {
    this.#tokens = tokens;
    this.#levels = [level(table === null)];
    this.#table = table;
    this.#relations = new Set(table === null ? [] : [table]);
  }

  find(): HiddenColumns | undefined {
    for (const i of this.#tokens.keys()) {
      const found = this.#at(i);
      if (found !== undefined) return found;
    }
    for (const one of this.#levels) this.#finish(one);
    return this.#wholeRow();
  }

  get #level(): Level {
    return this.#levels.at(-1)!;
  }

  #at(i: number): HiddenColumns | undefined {
    const token = this.#tokens[i]!;
    if (isSign(token, '(', '[', '{')) return this.#open(i);
    if (isSign(token, ')', ']', '}')) this.#close();
    else if (isSign(token, '*')) return this.#star(i);
    else if (isSign(token, '#') && this.#tokens[i + 1]?.kind === 'number')
      return { how: `\`#${this.#tokens[i + 1]!.value}\` can be it`, instead: nameThem };
    else if (token.kind === 'word') return this.#unnamed(i) ?? this.#word(i);
    else this.#other(i);
    return undefined;
  }

  #open(i: number): HiddenColumns | undefined {
    const [own, before] = [this.#level, this.#tokens[i - 1]];
    const isBracket = isSign(this.#tokens[i], '(');
    const isCte = own.clause === 'with' && isName(before) && !isWord(before, 'as', 'materialized');
    if (isBracket && ((own.alias === i - 1 && !own.hasNoNames) || isCte)) {
      const how = `\`${before!.value}(...)\` can give it another name`;
      return { how, instead: 'give names with AS in a select list' };
    }
    const isFrom = own.next === 'relation';
    const isQuery = isFrom || (own.clause === 'with' && isWord(before, 'as', 'materialized')) || isWord(before, 'exists');
    if (isFrom) Object.assign(own, { next: 'alias', hasNoNames: isWord(this.#tokens[i + 1], 'values') });
    const tableFunction = !isFrom && own.next === 'alias' ? before!.value : undefined;
    if (tableFunction !== undefined) own.hasNoNames = !readsTable.test(tableFunction);
    this.#levels.push({ ...level(isBracket && isQuery), tableFunction });
    return undefined;
  }

  #close(): void {
    this.#finish(this.#level);
    if (this.#levels.length > 1) this.#levels.pop();
  }

  #finish(one: Level): void {
    for (const base of one.bases) this.#relations.add(base);
    Object.assign(one, { bases: [], next: 'none' });
  }

  /** Checks a word that can return columns whose names are not in the text. */
  #unnamed(i: number): HiddenColumns | undefined {
    const [token, after, before] = [this.#tokens[i]!, this.#tokens[i + 1], this.#tokens[i - 1]];
    if (isWord(token, 'unpivot')) return { how: '`UNPIVOT` can make it a value', instead: nameThem };
    if (isWord(token, 'summarize') && this.#level.next === 'relation')
      return { how: '`SUMMARIZE` can make it a value', instead: nameThem };
    const { tableFunction } = this.#level;
    if (tableFunction && !readsByName.test(tableFunction) && isWord(token, ...namesByPosition) && isSign(after, '=', ':'))
      return { how: `\`${token.value}\` can give it another name`, instead: 'write `types`, and names with AS in a select list' };
    if (isWord(token, 'natural')) return { how: '`NATURAL` can compare it', instead: 'write USING with the columns' };
    if (isSign(after, '(') && sqlFunctions.test(token.value))
      return { how: `\`${token.value}\` runs SQL that cannot be followed`, instead: 'write the SQL itself' };
    if (!isWord(token, 'columns') || !isSign(after, '(')) return undefined;
    const next = this.#tokens[closingBracket(this.#tokens, i + 1) + 1];
    const isItem = isSign(before, ',') || isWord(before, 'select', 'distinct', 'all');
    const isWhole = next === undefined || isSign(next, ',', ')') || isWord(next, 'from', ...setWords);
    if (this.#level.clause === 'list' && this.#level.isRelation && isItem && isWhole) return undefined;
    return { how: '`COLUMNS` can give it another name', instead: nameThem };
  }

  /** Checks a `*`. It is allowed only in the select list of a relation, where columns keep their names. */
  #star(i: number): HiddenColumns | undefined {
    const { clause, isRelation } = this.#level;
    if (!isStar(this.#tokens, i) || (clause === 'list' && isRelation)) return undefined;
    return { how: '`*` within an expression has it', instead: nameThem };
  }

  #word(i: number): undefined {
    const [token, own] = [this.#tokens[i]!, this.#level];
    if (isWord(token, 'select')) this.#begin('list', 'none');
    else if (isWord(token, 'with') && own.next === 'relation') this.#begin('with', 'none');
    else if (isWord(token, 'from') && own.clause !== 'other' && !isWord(this.#tokens[i - 1], 'distinct'))
      this.#begin('from', 'relation');
    else if (isWord(token, ...setWords)) this.#begin('from', 'relation');
    else if (isWord(token, 'join') && own.clause === 'from') this.#begin('from', 'relation');
    else if (isWord(token, ...clauseWords) && own.clause === 'from' && own.next !== 'relation') this.#begin('other', 'none');
    else if (isWord(token, 'values') && own.next === 'relation') this.#begin('other', 'none');
    else if (own.next === 'relation' && isWord(token, ...beforeRelation)) return;
    else if (own.next === 'alias' && isWord(token, 'as')) return;
    else if (own.next === 'alias' && isWord(token, ...noAlias)) this.#finish(own);
    else this.#name(i);
  }

  #begin(clause: Level['clause'], next: Level['next']): void {
    this.#finish(this.#level);
    Object.assign(this.#level, { clause, next });
  }

  /** Handles a name in FROM, which is a relation or its alias. */
  #name(i: number): void {
    const [own, { value }] = [this.#level, this.#tokens[i]!];
    if (own.clause === 'with') this.#declared.add(i);
    if (own.next === 'none') return;
    this.#declared.add(i);
    if (own.next === 'alias') {
      this.#relations.add(value.toLowerCase());
      Object.assign(own, { bases: [], next: 'none', alias: i });
    } else {
      const hasMore = isSign(this.#tokens[i + 1], '.');
      Object.assign(own, { bases: [value.toLowerCase()], next: hasMore ? 'relation' : 'alias', hasNoNames: false });
    }
  }

  /** Handles signs, quoted names, texts and numbers. */
  #other(i: number): void {
    const [own, token] = [this.#level, this.#tokens[i]!];
    if (token.kind === 'name') this.#name(i);
    else if (token.kind === 'text' && own.next === 'relation')
      Object.assign(own, { bases: namesOfFile(token.value), next: 'alias', hasNoNames: false });
    else if (isSign(token, ',') && own.clause === 'from') this.#begin('from', 'relation');
    else if (isSign(token, ':') && own.bases.length > 0) this.#begin('from', 'relation');
    else if (!isSign(token, '.')) this.#finish(own);
  }

  /** Checks the name of a relation that is used as a value: it stands for whole rows. */
  #wholeRow(): HiddenColumns | undefined {
    const tokens = this.#tokens;
    const joined = joinedColumns(tokens);
    const row = tokens.find(
      (token, i) =>
        isName(token) &&
        this.#relations.has(token.value.toLowerCase()) &&
        !this.#declared.has(i) &&
        !joined.has(i) &&
        !this.#isColumn(i) &&
        !isSign(tokens[i + 1], '.', '(') &&
        !(isWord(token, ...typedTexts) && tokens[i + 1]?.kind === 'text') &&
        !isAlias(tokens, i),
    );
    if (row === undefined) return undefined;
    const { value } = row;
    const other = `${nameThem}, and give the table another name in FROM, such as \`AS k\``;
    const instead = value.toLowerCase() === this.#table ? `write \`${value}.${value}\` for a column of this name` : other;
    return { how: `\`${value}\` can be a whole row with it`, instead };
  }

  /** Whether a name stands for a column. After another name and a dot it can also be a relation in a schema. */
  #isColumn(i: number): boolean {
    const [dot, before] = [this.#tokens[i - 1], this.#tokens[i - 2]];
    if (!isSign(dot, '.')) return false;
    const name = isName(before) ? before!.value.toLowerCase() : undefined;
    return name === undefined || (this.#relations.has(name) && !schemas.includes(name));
  }
}

/** Names that DuckDB gives to the rows of a file: the file name up to its first dot, or without its ending. */
function namesOfFile(path: string): string[] {
  const name = basename(path).toLowerCase();
  return [name.split('.')[0]!, basename(name, extname(name))];
}

/** Positions of the column names in `USING (...)`. */
function joinedColumns(tokens: readonly SqlToken[]): Set<number> {
  const found = new Set<number>();
  for (const [i, token] of tokens.entries()) {
    if (!isWord(token, 'using') || !isSign(tokens[i + 1], '(')) continue;
    const end = closingBracket(tokens, i + 1);
    const isList = tokens.slice(i + 2, end).every((one) => isName(one) || isSign(one, ','));
    if (isList) for (let at = i + 2; at < end; at++) found.add(at);
  }
  return found;
}

/** Whether a name is an alias of a value: it follows AS, a column or a bracket. */
function isAlias(tokens: readonly SqlToken[], i: number): boolean {
  const before = tokens[i - 1];
  if (isWord(before, 'as')) return true;
  if (isSign(before, ')')) return !isWord(tokens[openingBracket(tokens, i - 1) - 1], 'on', 'operator', 'all', 'distinct');
  if (!isName(before) || isWord(before, ...beforeValue)) return false;
  let start = i - 1;
  while (isSign(tokens[start - 1], '.') && isName(tokens[start - 2])) start -= 2;
  const isItem = isSign(tokens[start - 1], ',') || isWord(tokens[start - 1], 'select', 'distinct', 'all');
  return isItem && (isSign(tokens[i + 1], ',') || isWord(tokens[i + 1], 'from'));
}

/** Index of the opening bracket of the bracket at `close`; -1 if there is none. */
function openingBracket(tokens: readonly SqlToken[], close: number): number {
  let depth = 0;
  for (let i = close; i >= 0; i--) {
    if (isSign(tokens[i], ')')) depth++;
    if (isSign(tokens[i], '(') && --depth === 0) return i;
  }
  return -1;
}

/**
 * Finds the first part of an SQL text that can return a column whose name is not in the text. Set operations are not searched.
 * @param table table over which the text is an expression; null if the text is a query
 */
export function hiddenColumns(tokens: readonly SqlToken[], table: string | null): HiddenColumns | undefined {
  return new Scan(tokens, table).find();
}
