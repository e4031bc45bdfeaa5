import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/** SQL relation of a run's recommendations or offers, in one of the formats that the run has written. Without rows if the run withdraws them. */
export function publishedTable(
  { settings, folder, withdraws }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  const rows = publishedRelation(dialect, folder.path, settings.config.output, name);
  return withdraws ? `(SELECT * FROM ${rows} WHERE false)` : rows;
}
