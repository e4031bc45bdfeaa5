import { duckdbDialect } from '@basketwise/data';
import { type ColumnFacts, columnOf, type TableFacts } from './survey.ts';

const { identifier, text } = duckdbDialect;

/** A name as SQL has it: in quotes only where it needs them. */
export function column(name: string): string {
  return /^[a-z_][a-z0-9_]*$/i.test(name) &&
    !/^(select|from|where|group|order|to|end|case|when|then|else|date|time|user|table|all|and|or|not|in|on|as|is|by|desc|asc|default|check|column|limit|offset|using|union|with|primary|references)$/i.test(
      name,
    )
    ? name
    : identifier(name);
}

/** A value as SQL compares it with a column's. */
export function literal(value: string, { kind }: ColumnFacts): string {
  return kind === 'text' ? text(value) : value;
}

/** Whether a table is a file whose columns have no types of their own. */
function isCsv({ name }: TableFacts): boolean {
  return /\.(csv|tsv|txt)(\.gz)?$/i.test(name);
}

/** A table as SQL to put after FROM: a file by its name, with the types that its values have; ids of CSV files keep their zeros. */
export function fileSql(table: TableFacts, isFolder: boolean, ids: readonly string[]): string {
  if (!isFolder) return table.name.split('.').map(column).join('.');
  if (!isCsv(table)) return text(table.name);
  const read = `read_csv(${text(table.name)}, header = true, all_varchar = true)`;
  const casts = table.columns
    .filter(({ name, kind, isDate }) => (kind === 'integer' || kind === 'number') && !ids.includes(name) && !isDate)
    .map(({ name, kind }) => `CAST(${column(name)} AS ${kind === 'integer' ? 'BIGINT' : 'DOUBLE'}) AS ${column(name)}`);
  return casts.length === 0 ? read : `(SELECT * REPLACE (${casts.join(', ')}) FROM ${read})`;
}

/** A column of dates as a date in SQL. */
export function dayOf(table: TableFacts, name: string, prefix = ''): string {
  const { kind, isCompact } = columnOf(table, name);
  const value = `${prefix}${column(name)}`;
  if (kind === 'date') return `CAST(${value} AS DATE)`;
  if (kind === 'integer' || isCompact) return `CAST(strptime(CAST(${value} AS VARCHAR), '%Y%m%d') AS DATE)`;
  return `CAST(substr(${value}, 1, 10) AS DATE)`;
}
