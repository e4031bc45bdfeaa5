import { type Dialect, isoTimestamp } from './dialect.ts';

/** The SQL of Hive. Unlike in DuckDB, a cast that fails returns null, names ignore case, and a backslash escapes characters. */
export const hiveDialect: Dialect = {
  name: 'hive',
  quote: '`',
  lexis: { hasBackslash: true, hasDoubleQuotedTexts: true, hasDollarTexts: false, hasNestedComments: false },
  isOrdered: false,
  identifier: (name) => `\`${name.replaceAll('`', '``')}\``,
  text: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  date: (iso) => `DATE '${iso}'`,
  nullText: 'CAST(NULL AS string)',
  nullDate: 'CAST(NULL AS date)',
  asText: (expression) => `CAST(${expression} AS string)`,
  asNumber: (expression) => `CAST(${expression} AS double)`,
  isNoNumber: (expression) => `(${expression} IS NOT NULL AND CAST(${expression} AS double) IS NULL)`,
  isNotFinite: (expression) => `CAST(${expression} AS string) IN ('NaN', 'Infinity', '-Infinity')`,
  asDate(expression, kind) {
    if (kind === 'date') return `CAST(${expression} AS date)`;
    const text = kind === 'text' ? `trim(${expression})` : `CAST(${expression} AS string)`;
    const dashed = `CONCAT_WS('-', SUBSTR(${text}, 1, 4), SUBSTR(${text}, 5, 2), SUBSTR(${text}, 7, 2))`;
    return (
      `CASE WHEN ${text} RLIKE '^[0-9]{8}$' THEN ${existingDate(dashed)}` +
      ` WHEN ${text} RLIKE '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN ${existingDate(text)}` +
      (kind === 'text' ? ` WHEN ${text} RLIKE '^${isoTimestamp}$' THEN ${existingDate(`SUBSTR(${text}, 1, 10)`)}` : '') +
      ' END'
    );
  },
  isZoned: (type) => /^timestamp( with local time zone|localtz)$/.test(type),
  matches: (text, pattern) => `${text} RLIKE '^(${pattern})$'`,
  daysAfter: (iso, days) => `CAST(DATE_ADD(DATE '${iso}', CAST(${days} AS int)) AS date)`,
  kindOf(type) {
    if (/^(tinyint|smallint|int|bigint|decimal\(\d+,0\))$/.test(type)) return 'integer';
    if (/^(float|double|decimal\(\d+,\d+\))$/.test(type)) return 'number';
    if (/^(string|varchar|char)\b/.test(type)) return 'text';
    if (type === 'date' || type.startsWith('timestamp')) return 'date';
    return type === 'boolean' ? 'boolean' : 'other';
  },
};

/** The SQL of Spark. It differs from Hive's in its timestamps, which are moments: their day depends on the time zone. */
export const sparkDialect: Dialect = {
  ...hiveDialect,
  name: 'spark',
  lexis: { ...hiveDialect.lexis, hasNestedComments: true },
  isZoned: (type) => type.startsWith('timestamp'),
};

/**
 * SQL for the date that a text names. It is null for a day that does not exist, which some versions of Hive would move to the
 * next month.
 */
function existingDate(text: string): string {
  return `CASE WHEN CAST(CAST(${text} AS date) AS string) = ${text} THEN CAST(${text} AS date) END`;
}
