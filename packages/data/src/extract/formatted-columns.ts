import { AppError } from '@basketwise/core';
import { commaNumber, formattedDate } from '../engine/date-format.ts';
import { duckdbDialect } from '../engine/dialect.ts';
import type { ColumnType, Engine, Relation, RelationOptions, StatementOptions } from '../engine/engine.ts';
import { queryCounts } from '../engine/query-rows.ts';
import type { TableSource } from '../engine/source.ts';
import { fullWidth } from './product-groups.ts';
import { faultyRows, missingColumn } from './source-table.ts';

/** Column whose values have a format that the config names. */
interface FormattedColumn {
  name: string;
  /** Expected content, for the message `COLUMN is no WANTED`, such as `number with a decimal comma`. */
  wanted: string;
  /** Predicate, over the table before conversion, that is true for a faulty value. */
  fault: string;
  hint: string;
}

/** Readable table whose columns with a format of the config are converted to dates and numbers. */
export interface FormattedRelation extends Relation {
  /** SQL, to put after FROM, for the table before conversion. */
  delivered: string;
  formatted: readonly FormattedColumn[];
}

/** Column with a format, and SQL for its converted value. */
type Reading = FormattedColumn & { value: string };

/**
 * Opens a table, and converts the columns with a format of the config. A faulty value becomes null; `refuseFaulty` finds such
 * values. Ids of customers in full-width characters are converted to ASCII.
 * @param id column with ids of customers
 */
export async function openRelation(
  engine: Engine,
  source: TableSource,
  options: RelationOptions,
  id?: string,
): Promise<FormattedRelation> {
  const { dateFormat = {}, decimalComma = [] } = source;
  const named = [...Object.keys(dateFormat), ...decimalComma];
  const text = [...(options.text ?? []), ...named];
  const relation = await engine.relation(source, named.length > 0 ? { ...options, text } : options);
  const columns = named.length > 0 || id !== undefined ? await engine.columns(`${relation.from} t`, options) : [];
  const idColumn = columns.find(({ name }) => name.toLowerCase() === id?.toLowerCase());
  const narrow = idColumn && narrowId(engine, idColumn);
  if (named.length === 0 && !narrow) return { ...relation, delivered: relation.from, formatted: [] };
  const readings = new Map<string, Reading>();
  for (const name of named) {
    const column = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!column) {
      const names = columns.map((one) => one.name);
      throw missingColumn(options.place ?? 'table', relation.label, name, names, true);
    }
    const reading = readingOf(engine, column, name in dateFormat ? dateFormat[name] : undefined);
    if (reading) readings.set(column.name, reading);
  }
  const items = columns.map(({ name }) => {
    const column = engine.dialect.identifier(name);
    const value = readings.get(name)?.value ?? (name === idColumn?.name ? narrow : undefined);
    return value === undefined ? column : `${value} AS ${column}`;
  });
  const { from, numbered } = relation;
  return {
    ...relation,
    from: `(SELECT ${items.join(', ')} FROM ${from} t)`,
    ...(numbered !== undefined && { numbered: `(SELECT ${[...items, 'row_of_table'].join(', ')} FROM ${numbered} t)` }),
    delivered: from,
    formatted: [...readings.values()],
  };
}

/** Characters whose full-width form can be part of an id: those of ASCII without the blank. */
const narrowCharacters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i));
const wideCharacters = narrowCharacters.map((narrow) => String.fromCharCode(narrow.charCodeAt(0) + fullWidth));

/** SQL of DuckDB that converts a text in full-width characters to ASCII. */
export function narrowText(text: string): string {
  const [wide, narrow] = [wideCharacters, narrowCharacters].map((all) => duckdbDialect.text(all.join('')));
  // Most ids are ASCII: two lengths are compared faster than characters.
  return `CASE WHEN strlen(${text}) = length(${text}) THEN ${text} ELSE translate(${text}, ${wide}, ${narrow}) END`;
}

/** SQL that converts ids in full-width characters to ASCII. Undefined for ids that are no text, and for servers. */
function narrowId({ dialect }: Engine, { name, type }: ColumnType): string | undefined {
  if (dialect.name !== duckdbDialect.name || dialect.kindOf(type) !== 'text') return undefined;
  return narrowText(dialect.asText(dialect.identifier(name)));
}

/** How to convert a column. Undefined if its type needs no conversion. */
function readingOf({ dialect }: Engine, { name, type }: ColumnType, format: string | undefined): Reading | undefined {
  const kind = dialect.kindOf(type);
  if (kind === 'date' || (format === undefined && (kind === 'number' || kind === 'integer'))) return undefined;
  const column = dialect.identifier(name);
  const value = format === undefined ? commaNumber(dialect, column) : formattedDate(dialect, column, kind, format);
  const fault = `${column} IS NOT NULL AND trim(${dialect.asText(column)}) <> '' AND (${value}) IS NULL`;
  const wanted = format === undefined ? 'number with a decimal comma' : `date in the format ${format}`;
  const key = format === undefined ? 'decimal_comma' : 'date_format';
  return { name, value, fault, wanted, hint: `Correct the values, deliver null, or correct \`${key}\` of the table.` };
}

/**
 * Throws if a value does not have the format that the config names.
 * @throws AppError bad-data with the number of rows, and the numbers of some
 */
export async function refuseFaulty(
  engine: Engine,
  { delivered, formatted, label }: FormattedRelation,
  options: StatementOptions,
): Promise<void> {
  if (formatted.length === 0) return;
  const faults = formatted.map(({ fault }, i) => [`faults_${i}`, `count(CASE WHEN ${fault} THEN 1 END)`]);
  const counts = await queryCounts(engine, Object.fromEntries(faults) as Record<string, string>, `${delivered} t`, options);
  for (const [i, { name, wanted, fault, hint }] of formatted.entries()) {
    const rows = counts[`faults_${i}`]!;
    if (rows === 0) continue;
    const at = await faultyRows(engine, delivered, fault, options);
    throw new AppError('bad-data', `${options.place ?? 'table'}: ${name} of ${label} is no ${wanted} in ${rows} rows${at}`, hint);
  }
}
