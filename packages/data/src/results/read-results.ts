import { unescapedColumns } from './csv-cells.ts';
import { recommendationColumns } from './recommendation-columns.ts';

/**
 * A published file of recommendations as a relation in DuckDB's SQL, with the types and the texts that it was written from.
 * @param path as a literal of SQL
 * @param escapesFormulas whether the CSV was written with escaped cells
 */
export function publishedRelation(path: string, format: 'parquet' | 'csv', escapesFormulas: boolean, delimiter = ','): string {
  if (format === 'parquet') return `read_parquet(${path})`;
  // guessed types lose leading zeros of codes
  const columns = recommendationColumns.map(({ name, parquet }) => `${name}: '${parquet}'`);
  const read = `read_csv(${path}, header = true, auto_detect = false, delim = '${delimiter}', columns = {${columns.join(', ')}})`;
  return escapesFormulas ? `(SELECT ${unescapedColumns} FROM ${read})` : read;
}
