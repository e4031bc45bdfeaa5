import { join } from 'node:path';
import { settingsPath } from '../config/load.ts';
import { latestRun } from '../run/latest.ts';
import { readSealed } from '../run/seal.ts';
import { type GuardedRun, guardedRun } from './guards.ts';
import type { RunContext } from './run-context.ts';

/** Folder of the run that this one is compared with: the last successful one of another reference date. */
export function previousRun({ folder, settings }: RunContext): string | undefined {
  if (folder.previous === null) return undefined;
  return join(settingsPath(settings, settings.config.output.dir), 'runs', folder.previous);
}

/**
 * The manifest of the last successful run, if it is in another folder: an earlier attempt at this run counts, too. Where it cannot be read,
 * guards have nothing to compare with: a warning.
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
