import type { Lexis } from './sql-tokens.ts';

/** Parts of SQL in which engines differ, for one engine. Expressions are SQL text. */
export interface Dialect {
  readonly name: string;
  /** Character around an identifier. Within an identifier it is doubled. */
  readonly quote: string;
  /** How texts, names and comments are written. */
  readonly lexis: Lexis;
  /** Whether the rows of a table have an order, so that messages can give row numbers. */
  readonly isOrdered: boolean;
  /** Quotes an identifier. */
  identifier(name: string): string;
  /** Literal of a text. */
  text(value: string): string;
  /** Literal of a date that is given in ISO format. */
  date(iso: string): string;
  /** Null that has the type of a text. */
  readonly nullText: string;
  /** Null that has the type of a date. */
  readonly nullDate: string;
  /** Expression for a value as text. An integer becomes its digits, without a plus sign or leading zeros. */
  asText(expression: string): string;
  /** Expression for a value as a 64-bit float. A text that is not a number is an error. */
  asNumber(expression: string): string;
  /** Predicate that is true for a text that does not convert to a number. */
  isNoNumber(expression: string): string;
  /** Predicate that is true for a 64-bit float that is NaN or infinite. */
  isNotFinite(expression: string): string;
  /**
   * Expression for the date of a value; null if the value is null, blank or not a date. Accepted are:
   * - DATE and TIMESTAMP
   * - YYYY-MM-DD or YYYYMMDD as text or integer
   * - ISO 8601 timestamps as text; a timestamp with an offset gives the day in the engine's time zone
   */
  asDate(expression: string, kind: TypeKind): string;
  /**
   * Predicate that is true for a text that is a timestamp with an offset. The day of such a moment depends on the time zone.
   * Absent: no such text is accepted as a date.
   */
  isMoment?(expression: string): string;
  /** Whether values of a type are moments, so that their day depends on the time zone. */
  isZoned(type: string): boolean;
  /** Predicate that is true if a regular expression matches the whole text. */
  matches(text: string, pattern: string): string;
  /**
   * Expression for the date that is `days` days after a given date.
   * @param iso the given date, as YYYY-MM-DD
   * @param days expression of a whole number
   */
  daysAfter(iso: string, days: string): string;
  /** Kind of a column type, which says how the column can be used. */
  kindOf(type: string): TypeKind;
}

/** Kinds of column types that the job distinguishes. */
export type TypeKind = 'integer' | 'number' | 'text' | 'date' | 'boolean' | 'other';

/** Patterns for a whole text that is an ISO 8601 timestamp, without an offset and with one. */
export const isoTimestamp = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?';
const isoMoment = `${isoTimestamp} ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)`;

/** The SQL of DuckDB. */
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
 * Branches of a CASE for timestamps as text. For a timestamp with an offset they give the day in the engine's time zone, otherwise
 * the day as written. (The engine's own cast requires seconds, a dot and no blank.)
 */
function timestampDate(text: string): string {
  const whole = `regexp_replace(regexp_replace(replace(${text}, ',', '.'), ' ?(Z|[+-][0-9:]+)$', '\\1'), '^(.{16})(Z|[+-])', '\\1:00\\2')`;
  return (
    ` WHEN regexp_full_match(${text}, '${isoTimestamp}') THEN TRY_CAST(substr(${text}, 1, 10) AS DATE)` +
    ` WHEN regexp_full_match(${text}, '${isoMoment}') THEN CAST(TRY_CAST(${whole} AS TIMESTAMPTZ) AS DATE)`
  );
}
