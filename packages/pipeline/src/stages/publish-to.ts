import type { PublishedCounts } from '@basketwise/data';
import { settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { hasOffers, runOfShape, withRun } from './finished-rows.ts';
import { loadTarget } from './load-engine.ts';
import type { Night } from './night.ts';
import { atDate, notePublisher, publishersOf, unfinished } from './publishers.ts';
import type { RunContext } from './run-context.ts';
import type { Stage } from './stage.ts';

/** Stages that publish to tables of a server, one for each kind of server. */
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
 * Publishes the rows of a run to a target. They replace the rows of the same reference date. At the end, the run is recorded as the publisher of the
 * rows, unless it withdraws them. Meanwhile no publisher is recorded, so that the rows of a killed publication belong to no run.
 * @throws AppError as the target
 */
export async function publishRows(night: Pick<Night, 'context' | 'site'>, target: Target): Promise<readonly PublishedCounts[]> {
  const { settings, referenceDate, folder, withdraws } = night.context;
  const { place, publish } = await loadTarget(settings, target);
  const rows = atDate(referenceDate, place);
  const publisher = (await publishersOf(settings, target))[rows];
  await notePublisher(settings, target, rows, unfinished);
  if (publisher !== undefined && publisher !== folder.name) await takeOffersBack(night.context, publisher, publish);
  const counts = await publish(night);
  await notePublisher(settings, target, rows, withdraws ? null : folder.name);
  return counts;
}

/** Removes the offers of the previous publisher if this run has no offers. Its publication would not replace them. */
async function takeOffersBack(
  { settings, referenceDate: date, signal }: RunContext,
  publisher: string,
  publish: (night: Pick<Night, 'context' | 'site'>) => Promise<unknown>,
): Promise<void> {
  if (settings.config.offers !== undefined) return;
  const output = settingsPath(settings, settings.config.output.dir);
  const shape = await runOfShape(output, publisher);
  if (await hasOffers(output, shape)) await withRun(settings, shape, { date, withdraws: true, signal }, publish);
}

/**
 * Key of all inputs of a publication besides the results. It contains the last publisher of the rows, and changes if another run
 * has published the same date since.
 */
async function publicationKey({ settings, referenceDate }: RunContext, target: Target): Promise<string> {
  const { place, inputs } = await loadTarget(settings, target);
  const rows = atDate(referenceDate, place);
  return JSON.stringify({ target: rows, ...inputs, last: (await publishersOf(settings, target))[rows] ?? null });
}
