import { AppError, type PlainDate } from '@basketwise/core';
import { type Settings, settingsPath } from '../config/load.ts';
import { type Target, targets } from '../drivers/drivers.ts';
import type { PublishedRun } from '../run/published-runs.ts';
import { runOfShape, withRun } from './finished-rows.ts';
import { loadTarget } from './load-engine.ts';
import { atDate, dateAt, placeAt, publishersOf, publishRows } from './publish-to.ts';

/** Change of the rows of a reference date in a target. */
export interface TargetChange {
  target: Target;
  date: PlainDate;
  /** Run whose rows the target has now; null: no rows. */
  run: string | null;
  /** Reason why the published run of the date may not be published again. Its rows are then taken back. */
  problem?: string;
}

/** Publishes a successful run to all targets of the config, as publication stages would do. @throws AppError as the targets */
export async function publishFinished(settings: Settings, run: string, signal: AbortSignal): Promise<TargetChange[]> {
  const changes: TargetChange[] = [];
  const date = run.slice(0, 10) as PlainDate;
  for (const target of configuredTargets(settings)) {
    changes.push({ target, date, run });
    await withRun(settings, run, { date, withdraws: false, signal }, (night) => publishRows(night, target));
  }
  return changes;
}

/** Published runs whose rows should be in the targets. */
export interface PublishedRows {
  /** Runs in the order of their publication. */
  runs: readonly Pick<PublishedRun, 'run' | 'date'>[];
  /** First reference date to change. Rows of earlier dates are not touched. */
  since: string;
  /** Checks that a run may be published again. @throws AppError */
  check(run: string): Promise<void>;
}

/**
 * Makes the targets of the config contain the rows of the published runs, for each reference date since `wanted.since`. Rows of another run are
 * replaced by those of the date's published run. If there is no such run, or if it may not be published again, the rows are removed.
 * @throws AppError as the targets
 */
export async function followPublished(settings: Settings, wanted: PublishedRows, signal: AbortSignal): Promise<TargetChange[]> {
  const output = settingsPath(settings, settings.config.output.dir);
  const runs = new Map(wanted.runs.map(({ date, run }) => [date, run]));
  const changes: TargetChange[] = [];
  for (const target of configuredTargets(settings)) {
    const { place } = await loadTarget(settings, target);
    for (const [dated, publisher] of Object.entries(await publishersOf(settings, target))) {
      const date = dateAt(dated);
      const run = runs.get(date);
      if (date < wanted.since || dated !== atDate(date, place) || run === publisher) continue;
      const problem = run === undefined ? undefined : await problemOf(wanted.check(run));
      const change = { target, date, run: problem === undefined ? (run ?? null) : null };
      const opened = change.run ?? (await runOfShape(output, publisher));
      await withRun(settings, opened, { date, withdraws: change.run === null, signal }, (night) => publishRows(night, target));
      changes.push({ ...change, ...(problem !== undefined && { problem }) });
    }
  }
  return changes;
}

/** Message of a failed check; undefined if the check succeeds. */
async function problemOf(check: Promise<void>): Promise<string | undefined> {
  try {
    await check;
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Places (server and table) that have rows of this output folder's runs, but are no targets of this config. */
export async function placesElsewhere(settings: Settings): Promise<string[]> {
  const found: string[] = [];
  for (const target of targets) {
    const own = settings.config.output[target] === undefined ? undefined : (await loadTarget(settings, target)).place;
    const places = Object.keys(await publishersOf(settings, target)).map(placeAt);
    found.push(...new Set(places.filter((place) => place !== own)));
  }
  return found;
}

const configuredTargets = ({ config }: Settings) => targets.filter((target) => config.output[target] !== undefined);
