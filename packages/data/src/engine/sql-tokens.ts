/** How an engine's SQL writes texts, names and comments. */
export interface Lexis {
  /** Whether a backslash escapes the next character in a text. */
  hasBackslash: boolean;
  /** Whether a text is in double quotes. (Otherwise double quotes are for names.) */
  hasDoubleQuotedTexts: boolean;
  /** Whether texts can be quoted as `$$...$$` or `$tag$...$tag$`. If so, a backslash in `E'...'` escapes the next character. */
  hasDollarTexts: boolean;
  /** Whether a comment can have comments within it. */
  hasNestedComments: boolean;
}

/** Token of an SQL text. */
export interface SqlToken {
  /** `word`: a word without quotes. `name`: a quoted identifier. `sign`: any other character. */
  kind: 'comment' | 'text' | 'name' | 'word' | 'number' | 'sign';
  start: number;
  /** Position after the last character. */
  end: number;
  /** Value without quotes. Signs, words and numbers are as written; comments are empty. */
  value: string;
  /** Whether the token ends with its closing mark. False for a text, name or comment that runs to the end of the SQL. */
  isClosed: boolean;
  /** Depth of nested comments; 1 for a comment without others in it. 0 for other tokens. */
  depth: number;
}

const blanks = /\s+/y;
const wordPattern = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const numberToken = /[0-9][\p{L}\p{N}_]*(?:\.[0-9][\p{L}\p{N}_]*)?/uy;
const dollars = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** Splits an SQL text into tokens, in one pass and linear time. Invalid SQL has tokens, too. */
export function sqlTokens({ lexis, quote }: { lexis: Lexis; quote: string }, sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  const found = (pattern: RegExp, at: number) => {
    pattern.lastIndex = at;
    return pattern.exec(sql)?.[0];
  };
  const add = (kind: SqlToken['kind'], start: number, end: number, value: string, isClosed = true, depth = 0) => {
    tokens.push({ kind, start, end, value, isClosed, depth });
    return end;
  };
  const quoted = (kind: 'text' | 'name', start: number, open: number, hasBackslash: boolean) => {
    const { end, value, isClosed } = quotedEnd(sql, open, hasBackslash);
    return add(kind, start, end, value, isClosed);
  };
  for (let at = 0; at < sql.length; ) {
    const sign = sql[at]!;
    const two = sql.slice(at, at + 2);
    const space = found(blanks, at);
    if (space !== undefined) {
      at += space.length;
    } else if (two === '--') {
      const line = sql.indexOf('\n', at);
      at = add('comment', at, line < 0 ? sql.length : line, '', true, 1);
    } else if (two === '/*') {
      const { end, isClosed, depth } = commentEnd(sql, at, lexis.hasNestedComments);
      at = add('comment', at, end, '', isClosed, depth);
    } else if (sign === quote) {
      at = quoted('name', at, at, false);
    } else if (sign === "'" || (sign === '"' && lexis.hasDoubleQuotedTexts)) {
      at = quoted('text', at, at, lexis.hasBackslash);
    } else if (lexis.hasDollarTexts && /^e'/i.test(two)) {
      at = quoted('text', at, at + 1, true);
    } else {
      const mark = lexis.hasDollarTexts ? found(dollars, at) : undefined;
      const text = found(wordPattern, at) ?? found(numberToken, at);
      if (mark !== undefined) {
        const close = sql.indexOf(mark, at + mark.length);
        const end = close < 0 ? sql.length : close + mark.length;
        at = add('text', at, end, sql.slice(at + mark.length, close < 0 ? end : close), close >= 0);
      } else if (text === undefined) at = add('sign', at, at + 1, sign);
      else at = add(/^[0-9]/.test(text) ? 'number' : 'word', at, at + text.length, text);
    }
  }
  return tokens;
}

/** Tokens of an SQL text without its comments. */
export function sqlWords(dialect: { lexis: Lexis; quote: string }, sql: string): SqlToken[] {
  return sqlTokens(dialect, sql).filter(({ kind }) => kind !== 'comment');
}

/** Index of the bracket that closes the bracket at `open`. If there is none, the index of the last token. */
export function closingBracket(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]!.kind !== 'sign') continue;
    if (tokens[i]!.value === '(') depth++;
    if (tokens[i]!.value === ')' && --depth === 0) return i;
  }
  return tokens.length - 1;
}

/** Names in an SQL text, in lower case: words and quoted names. Texts and comments are not searched. */
export function namesIn(dialect: { lexis: Lexis; quote: string }, sql: string): ReadonlySet<string> {
  const names = sqlTokens(dialect, sql).filter(({ kind }) => kind === 'word' || kind === 'name');
  return new Set(names.map(({ value }) => value.toLowerCase()));
}

/** End and value of a quoted text or name that begins at `open`. A doubled quote stands for one quote. */
function quotedEnd(sql: string, open: number, hasBackslash: boolean): { end: number; value: string; isClosed: boolean } {
  const quote = sql[open]!;
  const parts: string[] = [];
  let from = open + 1;
  for (let at = from; at < sql.length; at++) {
    if (hasBackslash && sql[at] === '\\') {
      parts.push(sql.slice(from, at));
      from = ++at;
    } else if (sql[at] === quote) {
      parts.push(sql.slice(from, at));
      if (sql[at + 1] !== quote) return { end: at + 1, value: parts.join(''), isClosed: true };
      from = ++at;
    }
  }
  return { end: sql.length, value: parts.join('') + sql.slice(from), isClosed: false };
}

function commentEnd(sql: string, start: number, isNested: boolean): { end: number; isClosed: boolean; depth: number } {
  let depth = 0;
  let deepest = 0;
  for (let at = start; at < sql.length - 1; at++) {
    const isOpening = sql[at] === '/' && sql[at + 1] === '*' && (isNested || depth === 0);
    if (isOpening) deepest = Math.max(deepest, ++depth);
    else if (sql[at] === '*' && sql[at + 1] === '/') depth--;
    else continue;
    if (depth === 0) return { end: at + 2, isClosed: true, depth: deepest };
    at++;
  }
  return { end: sql.length, isClosed: false, depth: deepest };
}

/** Whether a token is one of these signs. */
export const isSign = (token: SqlToken | undefined, ...signs: readonly string[]) =>
  token?.kind === 'sign' && signs.includes(token.value);
/** Whether a token is one of these words without quotes, in any case. */
export const isWord = (token: SqlToken | undefined, ...words: readonly string[]) =>
  token?.kind === 'word' && words.includes(token.value.toLowerCase());
/** Whether a token can be a name: a word without quotes, or a quoted name. */
export const isName = (token: SqlToken | undefined) => token?.kind === 'word' || token?.kind === 'name';

/** Matches quoted texts, and words with digits, in an engine's message. Both can be values of the data. */
const valuePattern = /"[^"\n]*"?|'[^'\n]*'?|`[^`\n]*`?|[^\s"'`]*\p{N}[^\s"'`]*/gu;

/** First line of an engine's message, without all parts that can be values of the data. */
export function withoutValues(text: string): string {
  return (text.split('\n')[0] ?? '').replace(valuePattern, '…').slice(0, 400);
}
