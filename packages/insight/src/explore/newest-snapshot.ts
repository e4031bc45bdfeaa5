import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { PlainDate } from '@basketwise/core/parts';
import type { ExtractRequest } from '@basketwise/data';
import { type Config, runJob, type Settings, StageReached, settingsPath } from '@basketwise/pipeline';
import { latestRun } from '@basketwise/pipeline/base';
import { extract, openExtracted, openRunSnapshot, type RunSnapshot, readSealed, sourceRequest } from '@basketwise/pipeline/parts';

/** Options of exploring the bank. */
export interface ExploreOptions {
  /** Called when a snapshot is made, with the reason. */
  tell?: ((text: string) => void) | undefined;
}

/** Snapshot to explore. */
export interface NewestSnapshot extends RunSnapshot {
  referenceDate: PlainDate;
}

/** Part of a run's manifest.json about the content of its snapshot. */
interface SnapshotRun {
  referenceDate: PlainDate;
  config: Partial<Config>;
}

/** First part of a config's request, as text, that the snapshot of another config lacks; undefined if none. */
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

/** Reason why the snapshot of the latest run is unsuitable. Undefined if it is suitable. */
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
 * Opens the snapshot of the latest run. Extracts one first if no run has succeeded, or the config now names other tables, columns
 * or conditions.
 * A later run continues from it.
 * @throws AppError config without a reference date, and like an extraction
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

/** Settings without exporters, because an exploration is no regular run. */
function withoutExporters({ config, ...settings }: Settings): Settings {
  const { results: _, metrics: __, lineage: ___, ...output } = config.output;
  return { ...settings, config: { ...config, output } };
}

/** Runs the job up to the snapshot. Returns the name of its run. */
async function extractOnly(settings: Settings): Promise<string> {
  try {
    await runJob(withoutExporters(settings), { stages: { until: extract.name } });
  } catch (reason) {
    if (reason instanceof StageReached) return reason.run;
    throw reason;
  }
  throw new AppError('bug', 'a job continued after its last stage', 'Please report this.');
}
