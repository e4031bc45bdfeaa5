import { type Dialect, formattedDate } from '@basketwise/data';
import { type ColumnFacts, columnOf, type SqlTexts, type TableFacts } from './survey.ts';

/** Words that the engines reserve, so that names must be quoted. */
const reserved =
  /^(select|from|where|group|order|to|end|case|when|then|else|date|time|timestamp|user|table|all|and|or|not|in|on|as|is|by|desc|asc|default|check|column|limit|offset|using|union|with|primary|references)$/i;

/** Writes SQL of one engine, for a config. */
export class SqlWriter implements SqlTexts {
  readonly date = ':date';
  readonly #dialect: Dialect;
  /** Whether the tables are files. */
  readonly #ofFiles: boolean;

  constructor(dialect: Dialect, ofFiles: boolean) {
    this.#dialect = dialect;
    this.#ofFiles = ofFiles;
  }

  /** Name of a column in SQL, quoted if necessary. */
  column(name: string): string {
    return /^[a-z_][a-z0-9_]*$/i.test(name) && !reserved.test(name) ? name : this.#dialect.identifier(name);
  }

  /** Literal with which the values of a column can be compared. */
  literal(value: string, { kind }: ColumnFacts): string {
    return kind === 'text' ? this.#dialect.text(value) : value;
  }

  /** SQL that converts a value to text. */
  asText(expression: string): string {
    return this.#dialect.asText(expression);
  }

  /**
   * SQL, to put after FROM, for a table. For a file, the SQL names the file, and the engine infers the types. The columns `ids` of CSV
   * files are read as text, because ids can have leading zeros.
   */
  table(table: TableFacts, ids: readonly string[]): string {
    if (table.made) return `(\n${table.made.query(this)}\n)`;
    if (!this.#ofFiles)
      return table.name
        .split('.')
        .map((part) => this.column(part))
        .join('.');
    const name = this.#dialect.text(table.name);
    if (table.delimiter === undefined) return name;
    const delimiter = this.#dialect.text(table.delimiter);
    const read = `read_csv(${name}, header = true, all_varchar = true, delim = ${delimiter}, quote = '"', escape = '"')`;
    const casts = table.columns
      .filter(
        ({ name, kind, isDate, hasComma }) =>
          (kind === 'integer' || kind === 'number') && !ids.includes(name) && !isDate && !hasComma,
      )
      .map(({ name, kind }) => [this.column(name), kind === 'integer' ? 'BIGINT' : 'DOUBLE'])
      .map(([name, type]) => `CAST(${name} AS ${type}) AS ${name}`);
    return casts.length === 0 ? read : `(SELECT * REPLACE (${casts.join(', ')}) FROM ${read})`;
  }

  /** SQL of the values of a column of days, in a form that sorts by day. */
  inOrder({ name, format }: ColumnFacts): string {
    return format === undefined ? this.column(name) : this.#formatted(this.column(name), format);
  }

  /** SQL that converts a text with a date format to a date. In DuckDB, a text without this format is an error. */
  #formatted(value: string, format: string): string {
    if (this.#dialect.name !== 'duckdb' || format === 'excel') return formattedDate(this.#dialect, value, 'text', format);
    const signs: Readonly<Record<string, string>> = { YYYY: '%Y', HH: '%H', mm: '%M', ss: '%S' };
    const form = format.replaceAll(/YYYY|MM?|DD?|HH|mm|ss/g, (unit) => signs[unit] ?? (unit.startsWith('M') ? '%m' : '%d'));
    return `CAST(strptime(nullif(trim(${value}), ''), ${this.#dialect.text(form)}) AS DATE)`;
  }

  /** SQL that converts a column of dates to dates, for a query over `table`. All engines understand it. */
  dayOf(table: TableFacts, name: string, prefix = ''): string {
    const { kind, isCompact, format } = columnOf(table, name);
    const value = `${prefix}${this.column(name)}`;
    if (format !== undefined) return this.#formatted(value, format);
    if (kind === 'date') return `CAST(${value} AS DATE)`;
    if (kind !== 'integer' && !isCompact) return `CAST(substr(${value}, 1, 10) AS DATE)`;
    const text = kind === 'integer' ? this.asText(value) : value;
    return `CAST(substr(${text}, 1, 4) || '-' || substr(${text}, 5, 2) || '-' || substr(${text}, 7, 2) AS DATE)`;
  }
}
