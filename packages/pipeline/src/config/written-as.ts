import type { ResultOptions } from '@basketwise/data';
import type { Config } from './schema.ts';

/** Options of the writer of result files, from the keys of `output`. */
export function writtenAs({
  formats,
  escape_formulas: escapeFormulas,
  csv,
  parquet,
}: Config['output']): Pick<ResultOptions, 'formats' | 'escapeFormulas' | 'csv' | 'integerIds'> {
  return { formats, escapeFormulas, csv, integerIds: parquet?.integer_ids };
}
