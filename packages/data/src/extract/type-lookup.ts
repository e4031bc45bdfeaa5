import { AppError } from '@basketwise/core';
import { distance } from 'fastest-levenshtein';
import type { TypeKind } from '../engine/dialect.ts';
import type { ColumnType, Engine } from '../engine/engine.ts';
import type { TypeOf } from './statement.ts';

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
