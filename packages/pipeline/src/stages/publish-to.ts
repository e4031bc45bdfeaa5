import { join } from 'node:path';
import { AppError, groupBy, type PlainDate } from '@basketwise/core';
import type { PublishedCounts } from '@basketwise/data';
import { readShaped, recordOf, textShape, writeJson } from '@basketwise/data/base';
import { type Settings, settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { publishedToPrefix } from '../run/erasures.ts';

import { hasOffers, runOfShape, withRun } from './finished-rows.ts';
import { loadTarget } from './load-engine.ts';
import type { RunContext } from './run-context.ts';
import type { Night, Stage } from './stage.ts';

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

/** Value in place of a publisher while a publication is not finished. */
const unfinished = '';

/** Key of the rows of a reference date in a target. */
export function atDate(date: PlainDate, place: string): string {
  return `${place} ${date}`;
}

/** Parts of such a key. */
export const placeAt = (dated: string) => dated.slice(0, -11);
export const dateAt = (dated: string) => dated.slice(-10) as PlainDate;

/** Run that last published the rows of each place and reference date. `unfinished` if its publication is not finished. */
export function publishersOf(settings: Settings, target: Target): Promise<Readonly<Record<string, string>>> {
  return publishersIn(outputOf(settings), target);
}

/** Table on a server, with the dates of the rows that runs of an output folder published there. */
export interface PublishedTable {
  target: Target;
  place: string;
  dates: readonly PlainDate[];
}

/** Tables on servers that have rows of runs of an output folder, also of other configs. */
export async function publishedTables(output: string): Promise<PublishedTable[]> {
  const found: PublishedTable[] = [];
  for (const target of targets) {
    for (const dated of groupBy(Object.keys(await publishersIn(output, target)), placeAt))
      found.push({ target, place: placeAt(dated[0]!), dates: dated.map(dateAt).sort() });
  }
  return found;
}

/** Records the publisher of rows in a target. @param publisher name of the run; null: the rows have no publisher any longer */
async function notePublisher(settings: Settings, target: Target, rows: string, publisher: string | null): Promise<void> {
  const { [rows]: _, ...others } = await publishersOf(settings, target);
  await writeJson(markerIn(outputOf(settings), target), publisher === null ? others : { ...others, [rows]: publisher });
}

/** @throws AppError bad-data if the record is damaged; otherwise, a stop or an erasure would miss the rows on the server */
async function publishersIn(output: string, target: Target): Promise<Readonly<Record<string, string>>> {
  const path = markerIn(output, target);
  const refuse = () => {
    const hint = 'Restore it from a copy. Without a copy, delete the published rows on the server, then the file.';
    throw new AppError('bad-data', `${path} is damaged: the dates published to ${target} are unknown`, hint);
  };
  return (await readShaped(path, recordOf(textShape), refuse)) ?? {};
}

const outputOf = (settings: Settings) => settingsPath(settings, settings.config.output.dir);
const markerIn = (output: string, target: Target) => join(output, `${publishedToPrefix}${target}.json`);
