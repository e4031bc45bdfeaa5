import type { Lexis } from './sql-tokens.ts';

/** Differences between the SQL of the engines. Expressions are SQL text. */
export interface Dialect {
  readonly name: string;
  /** Character that quotes an identifier. Inside one it is doubled. */
  readonly quote: string;
  /** Syntax of texts, names and comments. */
  readonly lexis: Lexis;
  /** Whether rows of a table have an order, so that messages can number them. */
  readonly isOrdered: boolean;
  /** Quoted identifier. */
  identifier(name: string): string;
  /** A string literal. */
  text(value: string): string;
  /** A date literal from an ISO date. */
  date(iso: string): string;
  /** Null as a text. */
  readonly nullText: string;
  /** Null as a date. */
  readonly nullDate: string;
  /** Exact text of a value: the digits of an integer, without added sign or zeros. */
  asText(expression: string): string;
  /** Value as a 64-bit float. Text that is not a number is an error. */
  asNumber(expression: string): string;
  /** Predicate: text that does not convert to a number. */
  isNoNumber(expression: string): string;
  /** Predicate over a 64-bit float: NaN or infinite. */
  isNotFinite(expression: string): string;
  /**
   * Date of a value; null if it is null, blank or no date. Accepted are:
   * - DATE and TIMESTAMP
   * - YYYY-MM-DD or YYYYMMDD as text or integer
   * - ISO 8601 timestamps as text; those with an offset give the day in the engine's zone
   */
  asDate(expression: string, kind: TypeKind): string;
  /**
   * Predicate: the text is a timestamp with an offset, a moment whose day depends on the zone. Absent: no such text is accepted
   * as a date.
   */
  isMoment?(expression: string): string;
  /** Whether values of the type are moments, whose day depends on the zone. */
  isZoned(type: string): boolean;
  /** Predicate: the whole text matches a regular expression. */
  matches(text: string, pattern: string): string;
  /** Date some days after another. @param days expression with a whole number */
  daysAfter(iso: string, days: string): string;
  /** Kind of a column's type: how it can be used. */
  kindOf(type: string): TypeKind;
}

/** Kinds of column types that the job distinguishes. */
export type TypeKind = 'integer' | 'number' | 'text' | 'date' | 'boolean' | 'other';

/** Patterns of a whole text: an ISO 8601 timestamp without, and with, an offset. */
export const isoTimestamp = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?';
const isoMoment = `${isoTimestamp} ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)`;

/** DuckDB's SQL. */
export const duckdbDialect: Dialect = {
  name: 'duckdb',
  quote: '"',
  lexis: { hasBackslash: false, hasDoubleQuotedTexts: false, hasDollarTexts: true, hasNestedComments: true },
  isOrdered: true,
  identifier: (name) => `"${name.replaceAll('"', '""')}"`,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  date: (iso) => `DATE '${iso}'`,
  nullText: 'CAST(NULL AS VARCHAR)',
  nullDate: 'CAST(NULL AS DATE)',
  asText: (expression) => `CAST(${expression} AS VARCHAR)`,
  asNumber: (expression) => `CAST(${expression} AS DOUBLE)`,
  isNoNumber: (expression) => `(${expression} IS NOT NULL AND TRY_CAST(${expression} AS DOUBLE) IS NULL)`,
  isNotFinite: (expression) => `NOT isfinite(${expression})`,
  asDate(expression, kind) {
    if (kind === 'date') return `CAST(${expression} AS DATE)`;
    const text = kind === 'text' ? `trim(${expression})` : `CAST(${expression} AS VARCHAR)`;
    // The patterns are needed, because DuckDB's own casts accept other separators and trailing text.
    return (
      `CASE WHEN regexp_full_match(${text}, '[0-9]{8}') THEN CAST(try_strptime(${text}, '%Y%m%d') AS DATE)` +
      ` WHEN regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN TRY_CAST(${text} AS DATE)` +
      (kind === 'text' ? timestampDate(text) : '') +
      ' END'
    );
  },
  isMoment: (expression) => `regexp_full_match(trim(${expression}), '${isoMoment}')`,
  isZoned: (type) => type === 'TIMESTAMP WITH TIME ZONE',
  matches: (text, pattern) => `regexp_full_match(${text}, '${pattern}')`,
  daysAfter: (iso, days) => `DATE '${iso}' + CAST(${days} AS INTEGER)`,
  kindOf(type) {
    if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,0\))$/.test(type)) return 'integer';
    if (/^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/.test(type)) return 'number';
    if (type === 'VARCHAR' || type.startsWith('ENUM')) return 'text';
    if (type === 'DATE' || type.startsWith('TIMESTAMP')) return 'date';
    return type === 'BOOLEAN' ? 'boolean' : 'other';
  },
};

/**
 * Branches for timestamps: the day as written, or that of the moment in the engine's zone. The engine's own cast requires
 * seconds, a dot and no blank.
 */
function timestampDate(text: string): string {
  const whole = `regexp_replace(regexp_replace(replace(${text}, ',', '.'), ' ?(Z|[+-][0-9:]+)$', '\\1'), '^(.{16})(Z|[+-])', '\\1:00\\2')`;
  return (
    ` WHEN regexp_full_match(${text}, '${isoTimestamp}') THEN TRY_CAST(substr(${text}, 1, 10) AS DATE)` +
    ` WHEN regexp_full_match(${text}, '${isoMoment}') THEN CAST(TRY_CAST(${whole} AS TIMESTAMPTZ) AS DATE)`
  );
}
