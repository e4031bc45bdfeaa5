import { join } from 'node:path';
import { bug, type PlainDate } from '@basketwise/core';
import type { ExtractRequest } from '@basketwise/data';
import {
  type Config,
  extract,
  latestRun,
  openExtracted,
  openRunSnapshot,
  type RunSnapshot,
  readSealed,
  runJob,
  type Settings,
  StageReached,
  settingsPath,
  sourceRequest,
} from '@basketwise/pipeline';

/** Options of the commands that explore a bank. */
export interface ExploreOptions {
  /** Called with the reason if a new snapshot is made. */
  tell?: ((text: string) => void) | undefined;
}

/** Snapshot that a command explores. */
export interface NewestSnapshot extends RunSnapshot {
  referenceDate: PlainDate;
}

/** The part of a run's manifest.json that describes its snapshot. */
interface SnapshotRun {
  referenceDate: PlainDate;
  config: Partial<Config>;
}

/** First part of a config's request that the snapshot of an earlier config lacks, as text. Undefined if it lacks no part. */
function addedSince(then: ExtractRequest, now: ExtractRequest): string | undefined {
  const [before, after] = [then, now].map(({ customers, products, holdings, timeZone }) =>
    JSON.stringify([customers, products, holdings, timeZone]),
  );
  if (before !== after) return 'tables';
  const changed = Object.keys(now.derive).find((name) => name in then.derive && then.derive[name] !== now.derive[name]);
  if (changed !== undefined) return `derive.${changed}`;
  const column = now.columns.find(({ name, kind }) => !then.columns.some((one) => one.name === name && one.kind === kind));
  if (column !== undefined) return `column ${column.name}`;
  return now.predicates.find(({ name, sql }) => !then.predicates.some((one) => one.name === name && one.sql === sql))?.place;
}

/** Reason why the snapshot of the latest run cannot be used. Undefined if it can. */
async function missingIn(settings: Settings, output: string): Promise<string | undefined> {
  const latest = await latestRun(output);
  if (latest === undefined) return 'no run has succeeded yet';
  const manifest = await readSealed<SnapshotRun>(join(output, 'runs', latest, 'manifest.json'));
  // A damaged snapshot is reported when it is opened.
  if (!manifest) return undefined;
  const [then, now] = [{ ...settings.config, ...manifest.config }, settings.config].map((config) =>
    sourceRequest(config, manifest.referenceDate),
  );
  const added = addedSince(then!, now!);
  return added && `the latest run did not read ${added}`;
}

/**
 * Opens the snapshot of the latest run. If no run has succeeded, or the config now names other tables, columns or conditions,
 * extracts a new snapshot first. A later run continues from this snapshot.
 * @throws AppError config if there is no reference date; the errors of an extraction
 */
export async function openNewestSnapshot(
  settings: Settings,
  threads: number,
  { tell }: ExploreOptions = {},
): Promise<NewestSnapshot> {
  const output = settingsPath(settings, settings.config.output.dir);
  const missing = await missingIn(settings, output);
  const isThere = missing === undefined;
  if (!isThere) tell?.(`${missing}: extracting as of ${settings.config.reference_date ?? 'no day'}`);
  const opened = isThere
    ? await openRunSnapshot(settings, threads)
    : await openExtracted(settings, threads, await extractOnly(settings));
  return { ...opened, referenceDate: opened.snapshot.manifest.referenceDate as PlainDate };
}

/** Settings without exporters of results, because an exploration is not a regular run. */
function withoutExporters({ config, ...settings }: Settings): Settings {
  const { results: _, metrics: __, lineage: ___, ...output } = config.output;
  return { ...settings, config: { ...config, output } };
}

/** Runs the job until the snapshot is complete. Returns the name of the run. */
async function extractOnly(settings: Settings): Promise<string> {
  try {
    await runJob(withoutExporters(settings), { stages: { until: extract.name } });
  } catch (reason) {
    if (reason instanceof StageReached) return reason.run;
    throw reason;
  }
  throw bug('a job continued after its last stage');
}
