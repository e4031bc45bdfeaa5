import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core/parts';
import { readJson, writeJson } from '@basketwise/data/files';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Target } from '../drivers/drivers.ts';
import { publishedToPrefix } from '../run/erasures.ts';

/** Value in place of a publisher while a publication is not finished. */
export const unfinished = '';

/** Key of the rows of a reference date in a target. */
export function atDate(date: PlainDate, place: string): string {
  return `${place} ${date}`;
}

/** Run that last published the rows of each place and reference date. `unfinished` if its publication is not finished. */
export async function publishersOf(settings: Settings, target: Target): Promise<Readonly<Record<string, string>>> {
  return (await readJson<Record<string, string>>(publishedMarker(settings, target))) ?? {};
}

/** Records the publisher of rows in a target. @param publisher name of the run; null: the rows have no publisher any longer */
export async function notePublisher(settings: Settings, target: Target, rows: string, publisher: string | null): Promise<void> {
  const { [rows]: _, ...others } = await publishersOf(settings, target);
  await writeJson(publishedMarker(settings, target), publisher === null ? others : { ...others, [rows]: publisher });
}

function publishedMarker(settings: Settings, target: Target): string {
  return join(settingsPath(settings, settings.config.output.dir), `${publishedToPrefix}${target}.json`);
}
