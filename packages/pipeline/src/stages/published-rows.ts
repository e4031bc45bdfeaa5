import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/** Rows that the run has published, to put after FROM, from whichever file there is. */
export function publishedRows({ settings, folder }: RunContext, { dialect }: DuckdbEngine): string {
  const { formats, escape_formulas: isEscaped } = settings.config.output;
  const format = formats.includes('parquet') ? 'parquet' : 'csv';
  return publishedRelation(dialect.text(folder.file(`recommendations.${format}`)), format, isEscaped);
}
