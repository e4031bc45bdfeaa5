import { join } from 'node:path';
import type { Dialect } from '../engine/dialect.ts';
import { unescapedColumns } from './csv-cells.ts';
import { offerColumns } from './offer-columns.ts';
import { recommendationColumns } from './recommendation-columns.ts';
import { textIds } from './result-columns.ts';

/** How a run wrote its results: the keys of the config's `output` that a reader needs. */
export interface WrittenStyle {
  formats: readonly ('parquet' | 'csv')[];
  escape_formulas: boolean;
  csv?: { delimiter: string } | undefined;
  parquet?: { integer_ids: boolean } | undefined;
}

const columnsOfResults = { recommendations: recommendationColumns, offers: offerColumns };

/** SQL relation, in DuckDB, of a results file of a run. Integer ids are texts again, and escaped texts are restored. */
export function publishedRelation(
  { text }: Pick<Dialect, 'text'>,
  folder: string,
  { formats, escape_formulas: isEscaped, csv, parquet }: WrittenStyle,
  name: keyof typeof columnsOfResults = 'recommendations',
): string {
  if (formats.includes('parquet')) {
    const file = `read_parquet(${text(join(folder, `${name}.parquet`))})`;
    return parquet?.integer_ids ? textIds(file) : file;
  }
  // The types of the CSV columns are given, because guessed types would lose leading zeros of codes.
  const columns = columnsOfResults[name].map((column) => `"${column.name}": '${column.parquet}'`);
  const how = `header = true, auto_detect = false, delim = ${text(csv?.delimiter ?? ',')}, columns = {${columns.join(', ')}}`;
  const read = `read_csv(${text(join(folder, `${name}.csv`))}, ${how})`;
  return isEscaped ? `(SELECT ${unescapedColumns} FROM ${read})` : read;
}
