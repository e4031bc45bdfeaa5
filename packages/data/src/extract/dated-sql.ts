import { AppError } from '@basketwise/core/base';
import type { Dialect } from '../engine/dialect.ts';
import { isSign, type SqlToken, sqlWords } from '../engine/sql-tokens.ts';

/** Whether a colon begins the placeholder `:date`. Other colons are part of a cast (`::date`) or a range (`[1:date]`). */
function isDate(sql: string, colon: SqlToken, name: SqlToken | undefined): boolean {
  if (colon.value !== ':' || name?.kind !== 'word' || name.value.toLowerCase() !== 'date') return false;
  return name.start === colon.end && !/[\p{L}\p{N}_)\]:"']$/u.test(sql.slice(Math.max(0, colon.start - 2), colon.start));
}

/** Positions of the placeholders `:date` in an expression, outside quotes and comments. */
function datesIn(dialect: Dialect, sql: string): { start: number; end: number }[] {
  const words = sqlWords(dialect, sql);
  return words.flatMap((colon, i) => {
    const name = words[i + 1];
    return isDate(sql, colon, name) ? [{ start: colon.start, end: name!.end }] : [];
  });
}

/** Replaces parts of an SQL text by other texts. The parts are in the order of the text. */
function withTexts(sql: string, parts: readonly { start: number; end: number }[], texts: readonly string[]): string {
  let at = 0;
  const kept: string[] = [];
  for (const [i, { start, end }] of parts.entries()) {
    kept.push(sql.slice(at, start), texts[i]!);
    at = end;
  }
  return kept.join('') + sql.slice(at);
}

/** Whether an expression contains the placeholder `:date`. */
export function mentionsDate(dialect: Dialect, sql: string): boolean {
  return datesIn(dialect, sql).length > 0;
}

/** Expression with a date literal in place of `:date`. */
export function withDate(dialect: Dialect, sql: string, date: string): string {
  const parts = datesIn(dialect, sql);
  return withTexts(
    sql,
    parts,
    parts.map(() => dialect.date(date)),
  );
}

/** Largest length, in characters, of an SQL text in which the derived columns that depend on the date are expanded. */
const longestSql = 100_000;

/**
 * Replaces each derived column that depends on the date by its SQL. Then `:date` can be replaced everywhere in the expression.
 * @throws AppError config if the result is longer than 100,000 characters
 */
export function withoutDatedColumns(dialect: Dialect, sql: string, derive: Readonly<Record<string, string>>): string {
  const dated = new Map<string, string>();
  for (const [column, text] of Object.entries(derive)) {
    const whole = replaceColumns(dialect, text, dated, `derive.${column}`);
    if (mentionsDate(dialect, whole)) dated.set(column.toLowerCase(), `(\n${whole}\n)`);
  }
  return replaceColumns(dialect, sql, dated, 'features');
}

/** Replaces names of columns by SQL, also after `customers.`. Functions of the same name are not replaced. */
function replaceColumns(dialect: Dialect, sql: string, columns: ReadonlyMap<string, string>, place: string): string {
  if (columns.size === 0) return sql;
  const words = sqlWords(dialect, sql);
  const parts: { start: number; end: number }[] = [];
  const texts: string[] = [];
  for (const [i, { kind, value, start, end }] of words.entries()) {
    if (
      (kind !== 'word' && kind !== 'name') ||
      isSign(words[i + 1], '(') ||
      isSign(words[i + 1], '.') ||
      isSign(words[i - 1], ':')
    )
      continue;
    const text = columns.get(value.toLowerCase());
    if (text === undefined) continue;
    const table = isSign(words[i - 1], '.') ? words[i - 2] : undefined;
    if (isSign(words[i - 1], '.') && (table?.value.toLowerCase() !== 'customers' || isSign(words[i - 3], '.'))) continue;
    parts.push({ start: table?.start ?? start, end });
    texts.push(text);
  }
  const length = texts.reduce((sum, text) => sum + text.length, sql.length);
  if (length <= longestSql) return withTexts(sql, parts, texts);
  throw new AppError(
    'config',
    `${place}: derived columns with \`:date\` use each other so often that they expand to ${length} characters of SQL`,
    'Let fewer of them build on each other.',
  );
}
