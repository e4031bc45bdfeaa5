import type { ResultOptions } from '@basketwise/data';
import type { Config } from './schema.ts';

/** Format of files of results, from the config. */
export function writtenAs({
  formats,
  escape_formulas: escapeFormulas,
  csv,
  parquet,
}: Config['output']): Pick<ResultOptions, 'formats' | 'escapeFormulas' | 'csv' | 'integerIds'> {
  return { formats, escapeFormulas, csv, integerIds: parquet?.integer_ids };
}
