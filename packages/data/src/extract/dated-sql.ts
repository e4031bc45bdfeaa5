import type { Dialect } from '../engine/dialect.ts';

const comment = String.raw`--[^\n]*|/\*[\s\S]*?\*/`;
/** The date that is asked about: no cast (`::date`), and no end of a range (`[1:date]`). */
const placeholder = String.raw`(?<![\p{L}\p{N}_)\]:"']):date(?![\p{L}\p{N}_])`;

/** A name in quotes. */
function quotedName({ quote }: Dialect): string {
  return `${quote}(?:[^${quote}]|${quote}${quote})+${quote}`;
}

/** Replaces every date placeholder of an expression, and nothing that looks like one in quotes or comments. */
function replaceDates(dialect: Dialect, sql: string, replacement: (found: string) => string): string {
  const pattern = new RegExp(`${comment}|${dialect.texts}|${quotedName(dialect)}|${placeholder}`, 'giu');
  return sql.replace(pattern, (found) => (found.toLowerCase() === ':date' ? replacement(found) : found));
}

/** Whether an expression depends on the date that is asked about: it has `:date` in it. */
export function mentionsDate(dialect: Dialect, sql: string): boolean {
  let isFound = false;
  replaceDates(dialect, sql, (found) => {
    isFound = true;
    return found;
  });
  return isFound;
}

/** The expression as of a date: `:date` in it is replaced by a literal. */
export function withDate(dialect: Dialect, sql: string, date: string): string {
  return replaceDates(dialect, sql, () => dialect.date(date));
}

/** Words and calls that read the clock, in the SQL of either engine. `age` with one argument counts to today. */
const clocks =
  '(?:current_date|current_time|current_timestamp|localtime|localtimestamp)(?![\\p{L}\\p{N}_.])(?:\\s*\\(\\s*\\))?|' +
  '(?:now|today|curdate|getdate|sysdate|unix_timestamp|get_current_timestamp|get_current_time|transaction_timestamp|' +
  'current_localtime|current_localtimestamp)\\s*\\(\\s*\\)|age\\s*\\((?:[^(),]|\\([^()]*\\))+\\)';
/** Calls that draw a number or a text of their own each time. */
const draws = '(?:random|rand|uuid|uuidv4|uuidv7|gen_random_uuid)\\s*\\(\\s*\\)';

/** A call whose value no input decides. */
export interface Undecided {
  /** As it is written. */
  call: string;
  kind: 'clock' | 'random';
}

/** The first call of an expression that reads the clock or draws at random; columns of such a name stand in quotes or behind a table's. */
export function undecidedIn(dialect: Dialect, sql: string): Undecided | undefined {
  const called = (pattern: string) => `(?<![\\p{L}\\p{N}_.$:])(?:${pattern})`;
  const whole = `${comment}|${dialect.texts}|${quotedName(dialect)}|(?<clock>${called(clocks)})|(?<random>${called(draws)})`;
  for (const { groups } of sql.matchAll(new RegExp(whole, 'giu'))) {
    if (groups?.clock !== undefined) return { call: groups.clock, kind: 'clock' };
    if (groups?.random !== undefined) return { call: groups.random, kind: 'random' };
  }
  return undefined;
}

/**
 * An expression over derived columns as one that needs none of those that depend on the date: they stand in it as the SQL that they are
 * derived by, so that `:date` can be replaced in all of it.
 */
export function withoutDatedColumns(dialect: Dialect, sql: string, derive: Readonly<Record<string, string>>): string {
  const dated = new Map<string, string>();
  for (const [column, text] of Object.entries(derive)) {
    const whole = replaceColumns(dialect, text, dated);
    if (mentionsDate(dialect, whole)) dated.set(column.toLowerCase(), `(\n${whole}\n)`);
  }
  return replaceColumns(dialect, sql, dated);
}

/** Replaces names of columns, also those of `customers.`, but no functions of the same name. */
function replaceColumns(dialect: Dialect, sql: string, columns: ReadonlyMap<string, string>): string {
  if (columns.size === 0) return sql;
  const name = `(?:customers\\s*\\.\\s*)?(?:[\\p{L}_][\\p{L}\\p{N}_$]*|${quotedName(dialect)})`;
  const column = `(?<![\\p{L}\\p{N}_.$])${name}(?![\\p{L}\\p{N}_$]|\\s*[(.])`;
  const pattern = new RegExp(`${comment}|${dialect.texts}|${column}`, 'giu');
  return sql.replace(pattern, (found) => columns.get(columnName(dialect, found)) ?? found);
}

/** The column that a name means, in lower case. */
function columnName({ quote }: Dialect, found: string): string {
  const bare = found.replace(/^customers\s*\.\s*/i, '');
  const name = bare.startsWith(quote) ? bare.slice(1, -1).replaceAll(quote + quote, quote) : bare;
  return name.toLowerCase();
}
