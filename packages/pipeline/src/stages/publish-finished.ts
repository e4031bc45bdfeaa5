import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { PlainDate } from '@basketwise/core/parts';
import { z } from 'zod';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { isPublished, runFolders } from '../run/attempts.ts';
import { closeAll } from '../run/close-all.ts';
import { publishedNights, publishedRuns, rememberedRuns } from '../run/published-runs.ts';
import { RunFolder } from '../run/run-folder.ts';
import { readSealed } from '../run/seal.ts';
import { openSpill } from '../run/spill.ts';
import { threadCount } from '../source/engine-options.ts';
import { loadTarget } from './load-engine.ts';
import { publishersOf, publishRows, removePublisher } from './publish-to.ts';
import { RunContext } from './run-context.ts';
import { snapshotSite } from './snapshot-site.ts';

const manifestShape = z.looseObject({
  hash: z.string(),
  inputs: z.object({ code: z.string(), config: z.string(), files: z.string().nullable() }),
  config: z.custom<Config>((value) => typeof value === 'object' && value !== null),
});

/** A change of the rows of a date in a target. */
export interface TargetChange {
  target: Target;
  date: PlainDate;
  /** The run whose rows are there now; null: no rows. */
  run: string | null;
}

/** Publishes a successful run to all targets of the config, as its own stages would. @throws AppError as the targets */
export async function publishFinished(settings: Settings, run: string, signal: AbortSignal): Promise<TargetChange[]> {
  const changes: TargetChange[] = [];
  const date = run.slice(0, 10) as PlainDate;
  for (const target of targetsOf(settings)) {
    await withRun(settings, run, { date, withdraws: false, signal }, (opened) => publishRows(opened, target));
    changes.push({ target, date, run });
  }
  return changes;
}

/**
 * Makes the rows of all dates in the targets of the config those of the published runs: rows of other runs are replaced, or, on a date
 * without a published run, taken back.
 * @throws AppError as the targets
 */
export async function followPublished(settings: Settings, signal: AbortSignal): Promise<TargetChange[]> {
  const output = settingsPath(settings, settings.config.output.dir);
  const published = await publishedNights(output);
  const runs = new Map(published.map(({ date, run }) => [date, run]));
  // the record forgets the oldest runs: their rows stay
  const first = (await publishedRuns(output)).length < rememberedRuns ? '' : published[0]!.date;
  const changes: TargetChange[] = [];
  for (const target of targetsOf(settings)) {
    const { place } = await loadTarget(settings, target);
    for (const [dated, publisher] of Object.entries(await publishersOf(settings, target))) {
      const date = dated.slice(-10) as PlainDate;
      if (date < first || dated !== `${place} ${date}` || runs.get(date) === publisher) continue;
      const wanted = await successful(output, runs.get(date));
      await setRows(settings, target, { date, run: wanted, anyRun: wanted ?? (await anySuccessful(output, publisher)) }, signal);
      changes.push({ target, date, run: wanted });
    }
  }
  return changes;
}

/** Places of other configs that have rows of runs of this output folder, which this config does not reach. */
export async function placesElsewhere(settings: Settings): Promise<string[]> {
  const found: string[] = [];
  for (const target of targets) {
    const own = settings.config.output[target] === undefined ? undefined : (await loadTarget(settings, target)).place;
    const places = Object.keys(await publishersOf(settings, target)).map((dated) => dated.slice(0, -11));
    found.push(...new Set(places.filter((place) => place !== own)));
  }
  return found;
}

const targetsOf = ({ config }: Settings) => targets.filter((target) => config.output[target] !== undefined);

async function successful(output: string, run: string | undefined): Promise<string | null> {
  return run !== undefined && (await isPublished(join(output, 'runs', run))) ? run : null;
}

/** A run whose files give the shape of the rows that are taken back. */
async function anySuccessful(output: string, preferred: string): Promise<string> {
  for (const run of [preferred, ...(await runFolders(output))]) if ((await successful(output, run)) !== null) return run;
  return preferred;
}

/** @param anyRun a run whose folder exists, for the columns if no run is wanted */
async function setRows(
  settings: Settings,
  target: Target,
  { date, run, anyRun }: { date: PlainDate; run: string | null; anyRun: string },
  signal: AbortSignal,
): Promise<void> {
  await withRun(settings, anyRun, { date, withdraws: run === null, signal }, async (opened) => {
    await publishRows(opened, target);
    if (run === null) await removePublisher(opened.context, target);
  });
}

/** Opens a successful run to publish its rows, with the targets of today's config. */
async function withRun(
  settings: Settings,
  run: string,
  { date, ...options }: { date: PlainDate; withdraws: boolean; signal: AbortSignal },
  work: (opened: { context: RunContext; site: ReturnType<typeof snapshotSite> }) => Promise<unknown>,
): Promise<void> {
  const output = settingsPath(settings, settings.config.output.dir);
  const path = join(output, 'runs', run, 'manifest.json');
  const manifest = manifestShape.safeParse(await readSealed(path)).data;
  if (!manifest)
    throw new AppError(
      'missing-input',
      `${path} is missing or damaged`,
      'The rows of the server need a run with the same columns.',
    );
  const { hash, inputs, config } = manifest;
  const { code, config: configHash, files } = inputs;
  const folder = RunFolder.finished(output, run, { referenceDate: date, hash, code, config: configHash, input: files });
  const spill = await openSpill(output);
  const threads = threadCount(settings.config.workers);
  const [own, made] = [settings.config.output, config];
  const { dir, keep, hive, spark, postgres } = own;
  const shape = { ...made.output, dir, keep, hive, spark, postgres };
  const ofRun = { ...settings, config: { ...settings.config, campaigns: made.campaigns, offers: made.offers, output: shape } };
  const context = new RunContext({ settings: ofRun, referenceDate: date, folder, threads, spill: spill.path, ...options });
  const site = snapshotSite(context);
  try {
    await work({ context, site });
  } finally {
    await closeAll([site, context]);
    await spill.close();
  }
}
