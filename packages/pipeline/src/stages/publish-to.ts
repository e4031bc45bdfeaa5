import { join } from 'node:path';
import type { PublishedCounts } from '@basketwise/data';
import { settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { readJson, writeJson } from '../run/files.ts';
import { loadTarget } from './load-engine.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** Stages that publish to the tables of each kind of server. */
export const publications = targets.map(publishTo);

function publishTo(target: Target): Stage<readonly PublishedCounts[] | null> {
  return {
    name: `publish-${target}`,
    when: ({ output }) => output[target] !== undefined,
    without: null,
    key: ({ context }) => publicationKey(context, target),
    async work(night) {
      const { place, publish } = await loadTarget(night.context.settings, target);
      await notePublisher(night.context, target, place);
      return { files: [], summary: await publish(night) };
    },
  };
}

/**
 * Key of all inputs of a publication besides the results. It also shows whether another run has published the same date there
 * since.
 */
async function publicationKey(context: RunContext, target: Target): Promise<string> {
  const { place, inputs } = await loadTarget(context.settings, target);
  const publishers = await publishersOf(context, target);
  return JSON.stringify({ target: atDate(context, place), ...inputs, last: publishers[atDate(context, place)] ?? null });
}

/** Records that this run publishes to a target, before it changes the target. */
async function notePublisher(context: RunContext, target: Target, place: string): Promise<void> {
  const publishers = { ...(await publishersOf(context, target)), [atDate(context, place)]: context.folder.name };
  await writeJson(publishedMarker(context, target), publishers);
}

/** Name of the rows of the reference date in a target. */
function atDate({ referenceDate }: RunContext, place: string): string {
  return `${place} ${referenceDate}`;
}

/** Run that published last, by the rows that it replaced. */
async function publishersOf(context: RunContext, target: Target): Promise<Readonly<Record<string, string>>> {
  return (await readJson<Record<string, string>>(publishedMarker(context, target))) ?? {};
}

function publishedMarker({ settings }: RunContext, target: Target): string {
  return join(settingsPath(settings, settings.config.output.dir), `published-to-${target}.json`);
}
