// Real tables as rows to cluster: standardised numbers (population standard deviation) and coded categories.
import { type CategoricalKind, compareCodes, type KernelPool, type Points, PointsBuilder, required } from '@basketwise/core';
import { DuckDBInstance } from '@duckdb/node-api';
import { dataFile } from '../../bench/sets/real-sets.ts';

export { dataFile };

/** A CSV file of the real data as text columns, by name. */
export async function readTable(file: string, options = 'header = true'): Promise<Record<string, (string | null)[]>> {
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM read_csv('${dataFile(file)}', all_varchar = true, ${options})`);
  const names = reader.columnNames();
  const columns = reader.getColumnsJson() as (string | null)[][];
  connection.closeSync();
  return Object.fromEntries(names.map((name, i) => [name, columns[i]!]));
}

/** Numbers of a column; missing ones are the median of the others (of two middle ones, their mean). */
export function numbersOf(column: readonly (string | null)[]): number[] {
  const known = column
    .filter((value) => value !== null && value.trim() !== '')
    .map(Number)
    .sort((a, b) => a - b);
  const median = (known[(known.length - 1) >> 1]! + known[known.length >> 1]!) / 2;
  return column.map((value) => (value === null || value.trim() === '' ? median : Number(value)));
}

/** Less its mean, divided by its population standard deviation. */
export function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / sd);
}

/** Rows floor(j * rows / k): the given start of peers. */
export const evenRows = (rows: number, k: number) => Array.from({ length: k }, (_, j) => Math.floor((j * rows) / k));

/** Rows in kernel memory from numbers and texts, column by column; a missing text is the category ''. */
export async function pointsOf(
  pool: KernelPool,
  numeric: readonly (readonly number[])[],
  texts: readonly (readonly (string | null)[])[],
  { kind = 'native' as CategoricalKind, collapse = false, weight = undefined as readonly number[] | undefined } = {},
): Promise<Points> {
  const rows = (numeric[0] ?? texts[0])!.length;
  const filled = texts.map((column) => column.map((value) => value ?? ''));
  const categories = filled.map((column) => [...new Set(column)].sort(compareCodes));
  const codes = filled.map((column, q) => {
    const codeOf = new Map(categories[q]!.map((category, code) => [category, code]));
    return column.map((value) => required(codeOf, value));
  });
  const space = {
    numeric: numeric.map((_, f) => `x${f}`),
    categorical: categories.map((list, q) => ({ name: `c${q}`, kind, categories: list.length, weight: 1 })),
  };
  const builder = new PointsBuilder(pool, space, { capacity: rows, collapse, weighted: weight !== undefined });
  await builder.append({ rows, numeric, codes, ...(weight ? { weight } : {}) });
  return builder.finish();
}
