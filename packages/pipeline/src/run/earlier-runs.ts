import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core/advice';
import type { WrittenStyle } from '@basketwise/data';
import { z } from 'zod';
import { successfulRuns } from './latest.ts';
import { readSealed } from './seal.ts';
import { writtenStyle } from './written-style.ts';

/** An earlier run that has lists. */
export interface EarlierRun {
  run: string;
  folder: string;
  date: PlainDate;
  /** Whether it has offers with a control: lists alone prove nothing. */
  hasOffers: boolean;
  output: WrittenStyle;
}

const finishedManifest = z.object({
  referenceDate: z.string(),
  config: z.looseObject({
    output: writtenStyle,
  }),
  files: z.array(z.object({ file: z.string() })),
});

/** Finds the successful runs of dates until one, that included: of each date the last, in the order of dates. */
export async function earlierRuns(output: string, until: PlainDate): Promise<EarlierRun[]> {
  const found = new Map<PlainDate, EarlierRun>();
  for (const run of await successfulRuns(output)) {
    const folder = join(output, 'runs', run);
    const manifest = finishedManifest.safeParse(await readSealed(join(folder, 'manifest.json')));
    if (!manifest.success || manifest.data.referenceDate > until) continue;
    const { referenceDate, files, config } = manifest.data;
    const has = (name: string) => config.output.formats.some((format) => files.some(({ file }) => file === `${name}.${format}`));
    if (!has('recommendations')) continue;
    found.set(referenceDate, { run, folder, date: referenceDate, hasOffers: has('offers'), output: config.output });
  }
  return [...found.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** Reference dates of runs, ascending; of those that cannot be read, none. */
export async function runDates(output: string, runs: readonly string[]): Promise<PlainDate[]> {
  const manifests = await Promise.all(runs.map((run) => readSealed(join(output, 'runs', run, 'manifest.json'))));
  return manifests.flatMap((manifest) => finishedManifest.safeParse(manifest).data?.referenceDate ?? []).sort();
}
