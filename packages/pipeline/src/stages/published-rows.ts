import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/**
 * SQL to put after FROM: published recommendations or offers of the run, from the file format that exists. A withdrawn run has no
 * rows.
 */
export function publishedTable(
  { settings, folder, withdraws }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  const rows = publishedRelation(dialect, folder.path, settings.config.output, name);
  return withdraws ? `(SELECT * FROM ${rows} WHERE false)` : rows;
}
