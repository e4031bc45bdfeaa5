import { join } from 'node:path';
import { type AppError, bug } from '@basketwise/core';
import type { SnapshotManifest } from '@basketwise/data';
import { type FileRecord, makeFolder } from '@basketwise/data/base';
import type { Settings } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Source } from '../drivers/driver.ts';
import { sourceSchema } from '../drivers/drivers.ts';
import { type RunIdentity, runName } from '../run/identity.ts';
import { RunFolder } from '../run/run-folder.ts';
import { writeSealed } from '../run/seal.ts';
import { recordName, type StageRecord } from '../run/stage-record.ts';
import { closeAll } from '../source/run-snapshot.ts';
import { extract } from './extract.ts';
import { report } from './report.ts';
import { RunContext } from './run-context.ts';
import { runStages } from './run-stages.ts';
import { snapshotSite } from './snapshot-site.ts';
import { stages } from './stages.ts';

/** Finished run, to be made again from its snapshot. */
export interface RemakeRequest {
  identity: RunIdentity;
  /** Config of the finished run. */
  config: Config;
  extract: SnapshotManifest;
  /** Files of the snapshot. They must be in the folder of `remakeFolder`. */
  snapshot: readonly FileRecord[];
  /** Absolute path of the saved cluster model that the run read, by scheme. */
  models: ReadonlyMap<string, string>;
  /** Whether `previousFolder` has the files of the earlier run with which this run is compared. */
  hasPrevious: boolean;
  /** Stages to leave out. */
  without: readonly string[];
}

/** Name of the folder that stands for the earlier run with which the run is compared. */
const previousName = 'previous';

/** Folder for the run to be made again, below an output folder of its own. The caller must copy the snapshot to it first. */
export function remakeFolder(output: string, identity: RunIdentity): string {
  return join(output, 'runs', runName(identity));
}

/** Folder for segments.json and clusters.json of the earlier run with which the run is compared. */
export function previousFolder(output: string): string {
  return join(output, 'runs', previousName);
}

/**
 * Runs the stages after the extraction again, except publications to servers and the report.
 * @param output folder that only this call uses
 * @returns the files made, in order
 * @throws AppError as the stages
 */
export async function remakeRun(
  output: string,
  request: RemakeRequest,
  options: { threads: number; signal: AbortSignal },
): Promise<readonly FileRecord[]> {
  const { identity, snapshot, hasPrevious } = request;
  const settings = settingsOfRemake(output, request);
  const record: StageRecord = {
    ...{ hash: identity.hash, key: '', after: '', made: null },
    ...{ files: [...snapshot], summary: request.extract },
  };
  await makeFolder(join(remakeFolder(output, identity), 'stages'));
  await writeSealed(join(remakeFolder(output, identity), recordName(extract.name)), record);
  if (hasPrevious) await writeSealed(join(previousFolder(output), 'manifest.json'), { version: 1 });
  const previous = hasPrevious ? { run: previousName, date: identity.referenceDate, seal: '' } : undefined;
  const folder = await RunFolder.open(output, identity, { previous });
  const { referenceDate } = identity;
  const context = new RunContext({ ...options, settings, referenceDate, folder, spill: join(output, 'spill') });
  const site = snapshotSite(context);
  const plan = { settings, identity, dates: [], kept: [], inputs: null, previous };
  try {
    const wanted = stages.filter((stage) => stage.name !== report.name && !request.without.includes(stage.name));
    await runStages(wanted, { plan, context, site, source: noSource, acceptDrop: true, makesLists: true });
    return folder.files.slice(snapshot.length);
  } finally {
    await closeAll([site, context]);
  }
}

/** Settings with the config of the finished run. With them, stages write only files, and publish nothing to servers. */
function settingsOfRemake(output: string, { config, models }: RemakeRequest): Settings {
  const clusters = Object.entries(config.clusters).map(([scheme, { model: _, ...how }]) => {
    const model = models.get(scheme);
    return [scheme, model === undefined ? how : { ...how, model }] as const;
  });
  const written = { ...config.output, dir: '.', keep: 1 };
  return {
    file: join(output, 'basketwise.yaml'),
    config: {
      ...{ ...config, workers: 'auto', source: sourceSchema.parse({ path: '.' }), clusters: Object.fromEntries(clusters) },
      ...{ output: { ...written, suppressed_customers: written.suppressed_customers ?? false, report: written.report ?? true } },
    },
    warnings: [],
    refuse: () => bug('the config of a finished run is refused'),
  };
}

/** Source that refuses to be read: the tables of the bank are not read again. */
const noSource: Source = {
  get engine(): never {
    throw readAgain();
  },
  get workbench(): never {
    throw readAgain();
  },
  close: async () => {},
};

function readAgain(): AppError {
  return bug('the tables of the bank are read to make a run again');
}
