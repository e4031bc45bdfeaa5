import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/** SQL to put after FROM: published recommendations or offers of the run, from the file format that exists. */
export function publishedTable(
  { settings, folder }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  return publishedRelation(dialect, folder.path, settings.config.output, name);
}
