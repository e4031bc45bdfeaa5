import { readdir } from 'node:fs/promises';
import { publishedToPrefix, type Settings, targets } from '@basketwise/pipeline/base';

/**
 * Loads the functions that change rows on servers, and with them the database engines.
 * Undefined if the config has no server, and no config with this output folder has published to one.
 */
export async function serversOf({ settings, output }: { settings: Settings; output: string }) {
  const { output: own } = settings.config;
  const hasRows =
    targets.some((target) => own[target] !== undefined) ||
    (await readdir(output)).some((name) => name.startsWith(publishedToPrefix));
  return hasRows ? await import('@basketwise/pipeline/parts') : undefined;
}
