import { type DuckdbEngine, publishedRelation } from '@basketwise/data';
import type { RunContext } from './run-context.ts';

/** Published recommendations or offers of the run, to put after FROM, from the file format that exists. */
export function publishedTable(
  { settings, folder }: RunContext,
  { dialect }: DuckdbEngine,
  name?: 'recommendations' | 'offers',
): string {
  return publishedRelation(dialect, folder.path, settings.config.output, name);
}
