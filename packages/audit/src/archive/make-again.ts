import { join } from 'node:path';
import type { PlainDate } from '@basketwise/core';
import { isSnapshotManifest } from '@basketwise/data';
import { takeFiles } from '@basketwise/data/base';
import { type Config, previousFolder, type RunIdentity, remakeFolder, remakeRun, threadCount } from '@basketwise/pipeline';
import { differs } from './recorded-bytes.ts';
import { type ArchivedManifest, comparedFiles, parseStageRecord, previousOf, previousPlace } from './run-files.ts';

/** Run whose files are made again from its snapshot, to compare their bytes. */
export interface GivenRun {
  manifest: ArchivedManifest;
  /** Checked config of the run. */
  config: Config;
  /** Text of each stage's record, by name of the stage. */
  stages: ReadonlyMap<string, string>;
  /** Folder with the snapshot and cluster models of the run, below the work folder. */
  folder: string;
  /** Whether the folder also has the files of the previous run with which the run compares itself. */
  hasPrevious: boolean;
}

/** Outcome of making a run again. */
export interface MadeAgain {
  /** Number of files with equal bytes. */
  equal: number;
  /** First file that differs; null if no file differs. */
  different: string | null;
  /** Files that were not made again, because they depend on earlier runs. */
  without: readonly string[];
}

/** Options of making a run again. */
export interface WorkOptions {
  signal: AbortSignal;
  /** Receives a message before the work begins. */
  tell: (text: string) => void;
  /** Number of threads. Absent: the machine's number of processors. */
  threads?: number;
}

/** Stages that depend on the offers of earlier runs. */
const stagesOfOffers = ['decide', 'outcomes'];
/** Files that contain a comparison with the previous run. */
const comparisons = ['segments.json', 'segments.txt', 'clusters.json', 'clusters.txt'];

/** Whether a file is needed to make a run again. */
export function isNeeded(file: string): boolean {
  return ['snapshot/', 'models/clusters/', `${previousPlace}/`].some((place) => file.startsWith(place));
}

/**
 * Makes the files of a run again from its snapshot, and compares their hashes with the manifest.
 * @param work empty folder on the same file system, for the new files
 * @throws AppError errors of the stages
 */
export async function makeAgain(work: string, run: GivenRun, options: WorkOptions): Promise<MadeAgain> {
  const { manifest, config, stages, folder, hasPrevious } = run;
  const identity = identityOf(manifest);
  const snapshot = manifest.files.filter(({ file }) => file.startsWith('snapshot/'));
  const names = snapshot.map(({ file }) => file);
  await takeFiles(folder, remakeFolder(work, identity), names);
  if (hasPrevious) await takeFiles(join(folder, previousPlace), previousFolder(work), comparedFiles);
  const read = manifest.clusters.filter(({ fitted }) => !fitted);
  const without = stagesOfOffers.filter((stage) => !['', '[]'].includes(parseStageRecord(stages.get(stage) ?? '')?.key ?? ''));
  const { extract } = manifest;
  if (!isSnapshotManifest(extract)) throw differs(manifest.run, 'manifest.json');
  const models = new Map(read.map(({ scheme, file }) => [scheme, join(folder, file)]));
  const { signal, tell, threads = threadCount('auto') } = options;
  tell(`making ${manifest.run} again from its snapshot`);
  const made = await remakeRun(work, { identity, config, extract, snapshot, models, hasPrevious, without }, { signal, threads });
  const left = new Set(without.flatMap((stage) => parseStageRecord(stages.get(stage) ?? '')!.files.map(({ file }) => file)));
  if (!hasPrevious && previousOf(stages).length > 0) for (const file of comparisons) left.add(file);
  const hashes = new Map(made.map(({ file, sha256 }) => [file, sha256]));
  const wanted = manifest.files.filter(({ file }) => !names.includes(file) && !left.has(file));
  const different = wanted.find(({ file, sha256 }) => hashes.get(file) !== sha256)?.file ?? null;
  const equal = wanted.filter(({ file, sha256 }) => hashes.get(file) === sha256).length;
  return { equal, different, without: [...left] };
}

function identityOf({ referenceDate, hash, inputs, aside }: ArchivedManifest): RunIdentity {
  const { code, config, files } = inputs;
  return { ...{ referenceDate: referenceDate as PlainDate, hash, code, config, input: files }, ...(aside && { aside }) };
}
