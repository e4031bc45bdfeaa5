import { join } from 'node:path';
import type { PublishedCounts } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { readJson, writeJson } from '../run/files.ts';
import { loadTarget } from './load-engine.ts';
import type { Night } from './night.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** Stages that publish to the tables of each kind of server. */
export const publications = targets.map(publishTo);

function publishTo(target: Target): Stage<readonly PublishedCounts[] | null> {
  return {
    name: `publish-${target}`,
    when: ({ output, release }) => output[target] !== undefined && release === undefined,
    without: null,
    key: ({ context }) => publicationKey(context, target),
    work: async (night) => ({ files: [], summary: await publishRows(night, target) }),
  };
}

/** Publishes the rows of a run to a target, in place of those of its reference date. @throws AppError as the target */
export async function publishRows(night: Pick<Night, 'context' | 'site'>, target: Target): Promise<readonly PublishedCounts[]> {
  const { place, publish } = await loadTarget(night.context.settings, target);
  await notePublisher(night.context, target, place);
  return publish(night);
}

/**
 * Key of all inputs of a publication besides the results. It also shows whether another run has published the same date there
 * since.
 */
async function publicationKey(context: RunContext, target: Target): Promise<string> {
  const { place, inputs } = await loadTarget(context.settings, target);
  const publishers = await publishersOf(context.settings, target);
  return JSON.stringify({ target: atDate(context, place), ...inputs, last: publishers[atDate(context, place)] ?? null });
}

/** Records that this run publishes to a target, before it changes the target. */
async function notePublisher(context: RunContext, target: Target, place: string): Promise<void> {
  const publishers = { ...(await publishersOf(context.settings, target)), [atDate(context, place)]: context.folder.name };
  await writeJson(publishedMarker(context.settings, target), publishers);
}

/** Name of the rows of the reference date in a target. */
function atDate({ referenceDate }: RunContext, place: string): string {
  return `${place} ${referenceDate}`;
}

/** Runs that published last, by the rows that they replaced: place and reference date. */
export async function publishersOf(settings: Settings, target: Target): Promise<Readonly<Record<string, string>>> {
  return (await readJson<Record<string, string>>(publishedMarker(settings, target))) ?? {};
}

/** Removes the record of rows that were taken back. */
export async function removePublisher(context: RunContext, target: Target): Promise<void> {
  const { place } = await loadTarget(context.settings, target);
  const { [atDate(context, place)]: _, ...others } = await publishersOf(context.settings, target);
  await writeJson(publishedMarker(context.settings, target), others);
}

function publishedMarker(settings: Settings, target: Target): string {
  return join(settingsPath(settings, settings.config.output.dir), `published-to-${target}.json`);
}
