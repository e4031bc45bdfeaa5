import { join } from 'node:path';
import type { PublishedCounts } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { publishedToPrefix } from '../run/erasures.ts';
import { readJson, writeJson } from '../run/files.ts';
import { loadTarget } from './load-engine.ts';
import type { Night } from './night.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** In place of a publisher: rows of a publication that has not finished. */
export const unfinished = '';

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

/**
 * Publishes the rows of a run to a target, in place of those of its reference date.
 * @param publisher recorded afterwards; null: none, for a run that withdraws its rows. Until then none is recorded, so that rows that a
 * killed publication left are of no run.
 * @throws AppError as the target
 */
export async function publishRows(
  night: Pick<Night, 'context' | 'site'>,
  target: Target,
  publisher: string | null = night.context.folder.name,
): Promise<readonly PublishedCounts[]> {
  const { place, publish } = await loadTarget(night.context.settings, target);
  await notePublisher(night.context, target, place, unfinished);
  const counts = await publish(night);
  await notePublisher(night.context, target, place, publisher);
  return counts;
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

/** Records the publisher of the rows of the reference date in a target, or removes it. */
async function notePublisher(context: RunContext, target: Target, place: string, publisher: string | null): Promise<void> {
  const { [atDate(context, place)]: _, ...others } = await publishersOf(context.settings, target);
  const publishers = publisher === null ? others : { ...others, [atDate(context, place)]: publisher };
  await writeJson(publishedMarker(context.settings, target), publishers);
}

/** Name of the rows of the reference date in a target. */
function atDate({ referenceDate }: RunContext, place: string): string {
  return `${place} ${referenceDate}`;
}

/** Runs that published last, by the rows that they replaced: place and reference date. `unfinished` during a publication. */
export async function publishersOf(settings: Settings, target: Target): Promise<Readonly<Record<string, string>>> {
  return (await readJson<Record<string, string>>(publishedMarker(settings, target))) ?? {};
}

function publishedMarker(settings: Settings, target: Target): string {
  return join(settingsPath(settings, settings.config.output.dir), `${publishedToPrefix}${target}.json`);
}
