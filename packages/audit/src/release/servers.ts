import { readdir } from 'node:fs/promises';
import { publishedToPrefix, type Settings, targets } from '@basketwise/pipeline/base';

/**
 * Loads the functions that change rows on servers, and with them the database engines.
 * Returns undefined if this config has no server, and no run in the output folder was ever published to a server.
 */
export async function serversOf({ settings, output }: { settings: Settings; output: string }) {
  const { output: own } = settings.config;
  const hasRows =
    targets.some((target) => own[target] !== undefined) ||
    (await readdir(output)).some((name) => name.startsWith(publishedToPrefix));
  return hasRows ? await import('@basketwise/pipeline/parts') : undefined;
}
