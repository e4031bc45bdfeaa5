import type { Dialect } from './dialect.ts';

/** Regular expression of valid days written as YYYYMMDD. */
const dayPattern = [
  '[0-9]{4}(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])',
  '[0-9]{4}(0[469]|11)(0[1-9]|[12][0-9]|30)',
  '[0-9]{4}02(0[1-9]|1[0-9]|2[0-8])',
  '([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)0229',
].join('|');
const datePattern = "'^([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})$'";
const numberPattern = "'^\\s*[+-]?(([0-9]+\\.?[0-9]*|\\.[0-9]+)(e[+-]?[0-9]+)?|nan|inf(inity)?)\\s*$'";

/** Quotes an identifier, so that it is exactly this name. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Name as PostgreSQL reads it without quotes: in lower case, if it is valid without quotes. */
export function foldedName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name.toLowerCase() : name;
}

/** The SQL of PostgreSQL. It differs from DuckDB's: names without quotes are in lower case, and a cast that fails is an error. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  quote: '"',
  lexis: { hasBackslash: false, hasDoubleQuotedTexts: false, hasDollarTexts: true, hasNestedComments: true },
  isOrdered: false,
  // Names are folded, because SQL of the config has names without quotes.
  identifier: (name) => quoted(foldedName(name)),
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  date: (iso) => `DATE '${iso}'`,
  nullText: 'CAST(NULL AS text)',
  nullDate: 'CAST(NULL AS date)',
  asText: (expression) => `CAST(${expression} AS text)`,
  asNumber: (expression) => `CAST(${expression} AS double precision)`,
  isNoNumber: (expression) => `(${expression} IS NOT NULL AND CAST(${expression} AS text) !~* ${numberPattern})`,
  isNotFinite: (expression) =>
    `CAST(${expression} AS double precision) IN (double precision 'NaN', double precision 'Infinity', double precision '-Infinity')`,
  asDate(expression, kind) {
    if (kind === 'date') return `CAST(${expression} AS date)`;
    const text = kind === 'text' ? `trim(CAST(${expression} AS text))` : `CAST(${expression} AS text)`;
    // The pattern checks the day first, because a cast of an invalid day would end the statement.
    return (
      `CASE WHEN ${text} ~ ${datePattern} THEN` +
      ` CASE WHEN replace(${text}, '-', '') ~ '^(?!0{4})(${dayPattern})$' THEN CAST(${text} AS date) END END`
    );
  },
  isZoned: (type) => /^timestamp(\(\d\))? with time zone$/.test(type),
  matches: (text, pattern) => `${text} ~ '^(${pattern})$'`,
  daysAfter: (iso, days) => `DATE '${iso}' + CAST(${days} AS integer)`,
  kindOf(type) {
    if (/^(smallint|integer|bigint|numeric\(\d+,0\))$/.test(type)) return 'integer';
    if (/^(real|double precision|numeric(\(\d+,-?\d+\))?)$/.test(type)) return 'number';
    if (/^(text|character varying|character|bpchar|name|uuid|enum)(\(\d+\))?$/.test(type)) return 'text';
    if (/^(date|timestamp(\(\d\))? with(out)? time zone)$/.test(type)) return 'date';
    return type === 'boolean' ? 'boolean' : 'other';
  },
};
