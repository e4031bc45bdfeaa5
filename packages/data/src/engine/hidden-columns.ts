import { basename, extname } from 'node:path';
import { closingBracket, isName, isSign, isWord, type SqlToken } from './sql-tokens.ts';

/** Part of an SQL text that can pass on columns without naming them. */
export interface HiddenColumns {
  /** The part, with its effect on a column, as an end of "`sex` is protected, and ...". */
  how: string;
  /** Text to write instead. */
  instead: string;
}

/** Words of set operations: the columns of all their queries get the names of the first, by position. */
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
/** Words after a relation that are no alias. */
const noAlias = [
  ...['on', 'using', 'left', 'right', 'full', 'inner', 'outer', 'cross', 'natural', 'semi', 'anti', 'asof', 'positional'],
  ...['tablesample', 'sample', 'pivot', 'unpivot', 'lateral', 'for', 'with', 'at'],
];
/** Words before a relation. */
const beforeRelation = ['lateral', 'only', 'all', 'distinct', 'by', 'name', 'table', 'recursive'];
/** Table functions that read the columns of another table. Columns of others are values of their arguments, which the SQL names. */
const readsTable = /^(read_|st_read|.*_scan$)/i;
/** Table functions that find columns by name. */
const readsByName = /^read_(nd)?json/i;
/** Parameters of table functions that name columns by position. */
const namesByPosition = ['names', 'column_names', 'columns', 'schema'];
/** Types before a text that are one value with it. */
const typedTexts = ['date', 'time', 'timestamp', 'timestamp_ntz', 'timestamp_ltz', 'timestamptz', 'datetime', 'interval'];
/** Schemas and databases of DuckDB: relations are found in them also if another relation has this name. */
const schemas = ['main', 'memory', 'temp', 'system'];
/** Words before a value. */
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
/** Functions that run SQL from a text. */
const sqlFunctions = /^(query|query_table|\w+_query|dblink)$/i;

const nameThem = 'name the columns';

/** Columns that an SQL text excludes from its `*`: they are not passed on. */
export function withoutExcluded(tokens: readonly SqlToken[]): SqlToken[] {
  const found: SqlToken[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const end = isSign(tokens[i - 1], '*') && isWord(tokens[i], 'exclude', 'except') ? excludedEnd(tokens, i + 1) : undefined;
    if (end === undefined) found.push(tokens[i]!);
    else i = end;
  }
  return found;
}

/** Last token of a name, or of a list of names in brackets; undefined for other tokens. */
function excludedEnd(tokens: readonly SqlToken[], from: number): number | undefined {
  if (!isSign(tokens[from], '('))
    return isName(tokens[from]) && !isWord(tokens[from], 'select', 'all', 'from') ? from : undefined;
  const end = closingBracket(tokens, from);
  const isList = tokens.slice(from + 1, end).every((one) => (isName(one) && !isWord(one, 'select')) || isSign(one, ',', '.'));
  return isList ? end : undefined;
}

/** Whether a `*` stands for columns: it may also count, multiply, or be all columns of `COLUMNS`. */
export function isStar(tokens: readonly SqlToken[], i: number): boolean {
  const before = tokens[i - 1];
  if (isSign(before, '(') && isWord(tokens[i - 2], 'count', 'columns')) return false;
  const isFactor = isName(before) ? !isWord(before, 'select', 'distinct', 'all') : isSign(before, ')', ']', '}');
  return !(isFactor || before?.kind === 'number' || before?.kind === 'text');
}

/** Part of an SQL text at one level of brackets. */
interface Level {
  clause: 'with' | 'list' | 'from' | 'other';
  /** Whether its columns become those of a relation, under their names. */
  isRelation: boolean;
  /** Next name in FROM. */
  next: 'relation' | 'alias' | 'none';
  /** Names of the relation that may get an alias, in lower case. */
  bases: readonly string[];
  /** Position of the last alias. */
  alias: number;
  /** Whether the columns of the relation have no names but those of an alias. */
  hasNoNames: boolean;
  /** Table function whose arguments these are. */
  tableFunction: string | undefined;
}

const level = (isRelation: boolean): Level => ({
  ...{ clause: isRelation ? 'from' : 'other', isRelation, next: isRelation ? 'relation' : 'none' },
  ...{ bases: [], alias: -2, hasNoNames: false, tableFunction: undefined },
});

/** Scan of an SQL text, from its beginning to its end. */
class Scan {
  readonly #tokens: readonly SqlToken[];
  readonly #levels: Level[];
  /** Names of relations, in lower case. */
  readonly #relations: Set<string>;
  /** Positions where FROM names a relation. */
  readonly #declared = new Set<number>();

  /** Table whose columns an expression uses; null for a query. */
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

  /** Words whose columns have no names in the text. */
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

  /** A `*` passes columns on under their names in the select list of a relation only. */
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

  /** A name in FROM: a relation, or its alias. */
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

  /** Signs, quoted names, texts and numbers. */
  #other(i: number): void {
    const [own, token] = [this.#level, this.#tokens[i]!];
    if (token.kind === 'name') this.#name(i);
    else if (token.kind === 'text' && own.next === 'relation')
      Object.assign(own, { bases: namesOfFile(token.value), next: 'alias', hasNoNames: false });
    else if (isSign(token, ',') && own.clause === 'from') this.#begin('from', 'relation');
    else if (isSign(token, ':') && own.bases.length > 0) this.#begin('from', 'relation');
    else if (!isSign(token, '.')) this.#finish(own);
  }

  /** The name of a relation as a value: its whole rows. */
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

  /** Whether a name is a column of a relation before it. After another name it can be a relation of a schema. */
  #isColumn(i: number): boolean {
    const [dot, before] = [this.#tokens[i - 1], this.#tokens[i - 2]];
    if (!isSign(dot, '.')) return false;
    const name = isName(before) ? before!.value.toLowerCase() : undefined;
    return name === undefined || (this.#relations.has(name) && !schemas.includes(name));
  }
}

/** Names that DuckDB gives the rows of a file: its name up to the first dot, or without its ending. */
function namesOfFile(path: string): string[] {
  const name = basename(path).toLowerCase();
  return [name.split('.')[0]!, basename(name, extname(name))];
}

/** Positions of the columns in `USING (...)`. */
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

/** Whether a name is one that a value gets, with AS, or without after a column or a bracket. */
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

/** Index of the bracket that a bracket at `close` closes; -1 if none. */
function openingBracket(tokens: readonly SqlToken[], close: number): number {
  let depth = 0;
  for (let i = close; i >= 0; i--) {
    if (isSign(tokens[i], ')')) depth++;
    if (isSign(tokens[i], '(') && --depth === 0) return i;
  }
  return -1;
}

/**
 * Finds the first part of an SQL text that can pass on a column without naming it: it cannot be followed by names. Set operations are not
 * searched.
 * @param table table whose columns an expression uses; null for a query
 */
export function hiddenColumns(tokens: readonly SqlToken[], table: string | null): HiddenColumns | undefined {
  return new Scan(tokens, table).find();
}
