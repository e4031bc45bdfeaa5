import { join } from 'node:path';
import { settingsPath } from '../config/load.ts';
import { isPublished } from '../run/attempts.ts';
import { latestRun } from '../run/published-runs.ts';
import { readSealed } from '../run/seal.ts';
import { type GuardedRun, guardedRun } from './guards.ts';
import type { RunContext } from './run-context.ts';

/** Folder of the earlier run with which this run is compared. Undefined without one, or if its folder was removed or is damaged. */
export async function previousRun({ folder, settings }: RunContext): Promise<string | undefined> {
  if (folder.previous === null) return undefined;
  const previous = join(settingsPath(settings, settings.config.output.dir), 'runs', folder.previous);
  return (await isPublished(previous)) ? previous : undefined;
}

/**
 * Figures of the run that `latest` points at, for guards. Undefined if that is this run. An earlier attempt at this run has its
 * own folder and counts as another run. If the manifest cannot be read, guards cannot compare, and the run gets a warning.
 */
export async function runBefore({ folder, settings, warn }: RunContext): Promise<GuardedRun | undefined> {
  const output = settingsPath(settings, settings.config.output.dir);
  const latest = await latestRun(output);
  if (latest === undefined || latest === folder.name) return undefined;
  const before = guardedRun.safeParse(await readSealed(join(output, 'runs', latest, 'manifest.json')));
  if (before.success) return before.data;
  const what = `manifest.json of the last successful run, ${latest}, is missing, damaged or of another version`;
  warn(`${what}: guards compared this run with nothing`);
  return undefined;
}
