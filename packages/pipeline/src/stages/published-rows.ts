import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/** Published recommendations or offers of the run, to put after FROM, from the file format that exists; no rows of a run that is withdrawn. */
export function publishedTable(
  { settings, folder, withdraws }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  const rows = publishedRelation(dialect, folder.path, settings.config.output, name);
  return withdraws ? `(SELECT * FROM ${rows} WHERE false)` : rows;
}
