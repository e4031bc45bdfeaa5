import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { groupBy, type PlainDate } from '@basketwise/core/parts';
import { readShaped, recordOf, textShape, writeJson } from '@basketwise/data/files';
import { type Settings, settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { publishedToPrefix } from '../run/erasures.ts';

/** Value in place of a publisher while a publication is not finished. */
export const unfinished = '';

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
export async function notePublisher(settings: Settings, target: Target, rows: string, publisher: string | null): Promise<void> {
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
