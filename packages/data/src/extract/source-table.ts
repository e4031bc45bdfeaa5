import { AppError } from '@basketwise/core/base';
import { distance } from 'fastest-levenshtein';
import type { TypeKind } from '../engine/dialect.ts';
import type { ColumnType, Engine, Relation, StatementOptions } from '../engine/engine.ts';
import { queryRows } from '../engine/query-rows.ts';
import type { ConsentColumn, UnnamedStatus } from '../snapshot/manifest.ts';
import type { TypeOf } from './statement.ts';

/** Opened table of the bank. */
export interface SourceTable extends Relation {
  /** Number of rows, at least 1. */
  rows: number;
  typeOf: TypeOf;
  /** Names of the columns that are moments, whose day depends on the time zone. */
  zoned: readonly string[];
  /** SQL, to put after FROM, for the table without derived columns. */
  raw: string;
}

/**
 * The three tables after opening and checking: the columns that are needed exist and have types that fit, and SQL expressions are
 * valid. `customers` has the derived columns.
 */
export interface Sources {
  customers: SourceTable;
  products: SourceTable;
  holdings: SourceTable;
  /** Columns of customers that may say who may be contacted, and that no rule uses. */
  consents: readonly ConsentColumn[];
  /** Columns of holdings that may be a status, with values that the config does not name. */
  statuses: readonly UnnamedStatus[];
}

/**
 * Error for a table without rows.
 * @param place key of the config
 */
export function emptyTable(place: string, label: string): AppError {
  return new AppError('missing-input', `${place}: ${label} has no rows`, 'Deliver the table again.');
}

/**
 * Returns a function that gives the type of a table's column by its name. If there is no such column, its error suggests a
 * similar name.
 * @param named all columns of this table that the config names. If none exists, the file may have no header, and its first row
 * was taken for the names
 */
export function typeLookup(
  engine: Engine,
  columns: readonly ColumnType[],
  place: string,
  label: string,
  named: readonly (string | null | undefined)[],
): TypeOf {
  const kinds = new Map<string, TypeKind>(columns.map(({ name, type }) => [name.toLowerCase(), engine.dialect.kindOf(type)]));
  return (name) => {
    const kind = kinds.get(name.toLowerCase());
    if (kind !== undefined) return kind;
    const isHeader = named.some((other) => other && kinds.has(other.toLowerCase()));
    const names = columns.map((column) => column.name);
    throw missingColumn(place, label, name, names, isHeader);
  };
}

/**
 * Error for a column that a table lacks, with the most similar name.
 * @param isHeader whether the table has other columns that the config names
 */
export function missingColumn(place: string, label: string, name: string, names: readonly string[], isHeader: boolean): AppError {
  const near = names.toSorted(
    (a, b) => distance(a.toLowerCase(), name.toLowerCase()) - distance(b.toLowerCase(), name.toLowerCase()),
  )[0];
  const apart = near === undefined ? Number.POSITIVE_INFINITY : distance(near.toLowerCase(), name.toLowerCase());
  const isNear = apart <= Math.min(Math.max(2, name.length / 3), isHeader ? name.length : name.length / 2);
  return new AppError(
    'bad-data',
    `${place}: ${label} has no column ${name}${isHeader ? `; it has ${names.join(', ')}` : ', nor another that the config names: is its first line a header?'}`,
    isNear ? `Did you mean ${near}?` : "Correct the column's name in the config, or deliver the column.",
  );
}

/** Largest number of rows whose numbers are given in a message or a fault. */
export const shownRows = 5;

/**
 * Numbers of the first rows that satisfy a condition, counted from 1 in the order of the source. They are for messages, which
 * must not quote values. Empty if the engine's tables have no order.
 */
export async function faultyRowNumbers(
  engine: Engine,
  from: string,
  condition: string,
  most: number,
  options?: StatementOptions,
): Promise<number[]> {
  if (!engine.dialect.isOrdered) return [];
  const numbered = `(SELECT row_number() OVER () AS row_of_table, * FROM ${from})`;
  const sql = `SELECT row_of_table FROM ${numbered} numbered WHERE ${condition} ORDER BY row_of_table LIMIT ${most}`;
  return (await queryRows(engine, sql, options)).map(({ row_of_table }) => Number(row_of_table));
}

/** Text with the numbers of the rows that satisfy a condition, for the end of a message. */
export async function faultyRows(engine: Engine, from: string, condition: string, options?: StatementOptions): Promise<string> {
  const rows = await faultyRowNumbers(engine, from, condition, shownRows + 1, options);
  if (rows.length === 0) return '';
  return ` (row ${rows.slice(0, shownRows).join(', ')}${rows.length > shownRows ? ', ...' : ''})`;
}
