import type { Lexis } from './sql-tokens.ts';

/** The differences between the SQL of the engines. Expressions go in and out as SQL text. */
export interface Dialect {
  readonly name: string;
  /** Sign that quotes an identifier; inside one it is doubled. */
  readonly quote: string;
  /** Syntax of texts, names and comments. */
  readonly lexis: Lexis;
  /** Whether rows of a table have an order, so that a message can number them. */
  readonly isOrdered: boolean;
  /** A quoted identifier. */
  identifier(name: string): string;
  /** A string literal. */
  text(value: string): string;
  /** A date literal from an ISO date. */
  date(iso: string): string;
  /** A null of text, and of a date. */
  readonly nullText: string;
  readonly nullDate: string;
  /** As exact text: the digits of an integer, without added sign or zeros. */
  asText(expression: string): string;
  /** As a 64-bit float; text that is not a number is an error. */
  asNumber(expression: string): string;
  /** Text that does not convert to a number, as a predicate. */
  isNoNumber(expression: string): string;
  /** NaN or infinite, as a predicate over a 64-bit float. */
  isNotFinite(expression: string): string;
  /**
   * A date from DATE or TIMESTAMP, from YYYY-MM-DD or YYYYMMDD as text or integer, or from an ISO 8601 timestamp as text, converted to the
   * day in the engine's zone if it has an offset; null if it is null, blank or no date.
   */
  asDate(expression: string, kind: TypeKind): string;
  /**
   * Whether a text is a timestamp with an offset, a moment whose day depends on the zone, as a predicate; absent if no such text is
   * accepted as a date.
   */
  isMoment?(expression: string): string;
  /** Whether values of the type are moments, whose day depends on the zone. */
  isZoned(type: string): boolean;
  /** Whether a text matches a regular expression as a whole, as a predicate. */
  matches(text: string, pattern: string): string;
  /** The date some days after another. @param days an expression without a fraction */
  daysAfter(iso: string, days: string): string;
  /** Kind of a column's type: how it can be used. */
  kindOf(type: string): TypeKind;
}

/** Kinds of column types that the job distinguishes. */
export type TypeKind = 'integer' | 'number' | 'text' | 'date' | 'boolean' | 'other';

/** An ISO 8601 timestamp without and with an offset, as patterns of a whole text. */
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
    // The patterns are needed: DuckDB's own casts accept other separators and trailing text.
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
 * Branches for timestamps: the day as written, or that of the moment in the engine's zone. The engine's own cast requires seconds, a dot
 * and no blank.
 */
function timestampDate(text: string): string {
  const whole = `regexp_replace(regexp_replace(replace(${text}, ',', '.'), ' ?(Z|[+-][0-9:]+)$', '\\1'), '^(.{16})(Z|[+-])', '\\1:00\\2')`;
  return (
    ` WHEN regexp_full_match(${text}, '${isoTimestamp}') THEN TRY_CAST(substr(${text}, 1, 10) AS DATE)` +
    ` WHEN regexp_full_match(${text}, '${isoMoment}') THEN CAST(TRY_CAST(${whole} AS TIMESTAMPTZ) AS DATE)`
  );
}
