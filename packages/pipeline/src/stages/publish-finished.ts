import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { PlainDate } from '@basketwise/core/parts';
import { z } from 'zod';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import { runFolders } from '../run/attempts.ts';
import { closeAll } from '../run/close-all.ts';
import type { PublishedRun } from '../run/published-runs.ts';
import { RunFolder } from '../run/run-folder.ts';
import { readSealed } from '../run/seal.ts';
import { openSpill } from '../run/spill.ts';
import { threadCount } from '../source/engine-options.ts';
import { loadTarget } from './load-engine.ts';
import { publishersOf, publishRows, unfinished } from './publish-to.ts';
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
  /** Reason for which a published run may not be published again. */
  problem?: string;
}

/** Publishes a successful run to all targets of the config, as its own stages would. @throws AppError as the targets */
export async function publishFinished(settings: Settings, run: string, signal: AbortSignal): Promise<TargetChange[]> {
  const changes: TargetChange[] = [];
  const date = run.slice(0, 10) as PlainDate;
  for (const target of targetsOf(settings)) {
    const { place } = await loadTarget(settings, target);
    const publisher = (await publishersOf(settings, target))[`${place} ${date}`];
    changes.push({ target, date, run });
    await setRows(settings, { target, date, run, publisher }, signal);
  }
  return changes;
}

/** Published runs, whose rows the targets are to have. */
export interface PublishedRows {
  /** In the order of their publication. */
  runs: readonly Pick<PublishedRun, 'run' | 'date'>[];
  /** Rows of earlier dates stay as they are. */
  since: string;
  /** Checks that a run may be published again. @throws AppError */
  check(run: string): Promise<void>;
}

/**
 * Makes the rows of all dates in the targets of the config those of the published runs. Rows of other runs are replaced, or taken back: on a
 * date without a published run, and where that run may not be published again.
 * @throws AppError as the targets
 */
export async function followPublished(settings: Settings, wanted: PublishedRows, signal: AbortSignal): Promise<TargetChange[]> {
  const runs = new Map(wanted.runs.map(({ date, run }) => [date, run]));
  const changes: TargetChange[] = [];
  for (const target of targetsOf(settings)) {
    const { place } = await loadTarget(settings, target);
    for (const [dated, publisher] of Object.entries(await publishersOf(settings, target))) {
      const date = dated.slice(-10) as PlainDate;
      const run = runs.get(date);
      if (date < wanted.since || dated !== `${place} ${date}` || run === publisher) continue;
      const problem = run === undefined ? undefined : await problemOf(wanted.check(run));
      const change = { target, date, run: problem === undefined ? (run ?? null) : null };
      await setRows(settings, { ...change, publisher }, signal);
      changes.push({ ...change, ...(problem !== undefined && { problem }) });
    }
  }
  return changes;
}

/** Message of a failed check. */
async function problemOf(check: Promise<void>): Promise<string | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
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

/** Replaces the rows of a date by those of a run, or of none. @param publisher whose rows are there; undefined: no rows are known */
async function setRows(
  settings: Settings,
  { target, date, run, publisher }: TargetChange & { publisher: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const output = settingsPath(settings, settings.config.output.dir);
  const hasOffers = async (name: string) => (await manifestOf(output, name))?.config.offers !== undefined;
  const shape = publisher === undefined || publisher === run ? undefined : await runOfShape(output, publisher);
  // a run without offers publishes none: those of the publisher are taken back before
  if (shape !== undefined && (run === null || ((await hasOffers(shape)) && !(await hasOffers(run))))) {
    const withdrawn = { date, withdraws: true, signal };
    await withRun(settings, shape, withdrawn, (opened) => publishRows(opened, target, run === null ? null : unfinished));
  }
  if (run !== null) await withRun(settings, run, { date, withdraws: false, signal }, (opened) => publishRows(opened, target));
}

/** A run whose files give the columns of a publisher's rows: the publisher, or, if its folder is gone, one with offers if there is one. */
async function runOfShape(output: string, publisher: string): Promise<string> {
  if ((await manifestOf(output, publisher)) !== undefined) return publisher;
  let found: string | undefined;
  for (const run of await runFolders(output)) {
    const manifest = await manifestOf(output, run);
    if (manifest?.config.offers !== undefined) return run;
    if (manifest !== undefined) found ??= run;
  }
  return found ?? publisher;
}

async function manifestOf(output: string, run: string): Promise<z.output<typeof manifestShape> | undefined> {
  return run === '' ? undefined : manifestShape.safeParse(await readSealed(join(output, 'runs', run, 'manifest.json'))).data;
}

/** Opens a successful run to publish its rows, with the targets of today's config. */
async function withRun(
  settings: Settings,
  run: string,
  { date, ...options }: { date: PlainDate; withdraws: boolean; signal: AbortSignal },
  work: (opened: { context: RunContext; site: ReturnType<typeof snapshotSite> }) => Promise<unknown>,
): Promise<void> {
  const output = settingsPath(settings, settings.config.output.dir);
  const manifest = await manifestOf(output, run);
  if (!manifest)
    throw new AppError(
      'missing-input',
      `manifest.json of run \`${run}\` is missing or damaged`,
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
