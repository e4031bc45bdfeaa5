import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/** Recommendations or offers that the run has published, to put after FROM, from whichever file there is. */
export function publishedTable(
  { settings, folder }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  return publishedRelation(dialect, folder.path, settings.config.output, name);
}
