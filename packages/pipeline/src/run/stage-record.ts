import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileRecord, ifThere, isAsRecorded } from '@basketwise/data/base';
import { runFolders } from './attempts.ts';
import { readSealed, sealOf } from './seal.ts';

/** Inputs of a stage: the parts of the data, the config and the program that it depends on. Maps the name of each part to its hash. */
export type MadeOf = Readonly<Record<string, string>>;

/** Record of a stage: its inputs and results. The record is sealed, because later stages depend on it. */
export interface StageRecord {
  /** Hash of the run's identity. */
  hash: string;
  /** Key of all inputs besides data, config and program. */
  key: string;
  /** Seal of the previous stage's record, which contains the seal of the record before it, and so on. Empty for the first stage. */
  after: string;
  /** Inputs of the stage. Null if they are unknown; then no other run takes the result. */
  made: MadeOf | null;
  files: FileRecord[];
  summary: unknown;
}

/** Values that a record must have for its stage to count as finished. */
export type WantedRecord = Pick<StageRecord, 'hash' | 'key' | 'after'>;

/** Name of the file of a stage's record, relative to the run folder. */
export function recordName(stage: string): string {
  return `stages/${stage}.json`;
}

/** Seal of a record, which the record of the next stage contains. */
export function linkOf(record: StageRecord): string {
  return sealOf(record);
}

/** Record of a stage if it has the wanted values and all its files are unchanged, byte by byte. Undefined otherwise. */
export async function validRecord(folder: string, stage: string, wanted: WantedRecord): Promise<StageRecord | undefined> {
  const record = await readRecord(folder, stage);
  if (!record || record.hash !== wanted.hash || record.key !== wanted.key || record.after !== wanted.after) return undefined;
  return (await allAsRecorded(folder, record.files)) ? record : undefined;
}

/** Reads the record of a stage in a run folder; undefined if it is absent or damaged. */
export function readRecord(folder: string, stage: string): Promise<StageRecord | undefined> {
  return readSealed<StageRecord>(join(folder, recordName(stage)));
}

/** Whether all files of a folder equal their records, byte by byte. */
async function allAsRecorded(folder: string, files: readonly FileRecord[]): Promise<boolean> {
  for (const file of files) if (!(await isAsRecorded(join(folder, file.file), file))) return false;
  return true;
}

/** Names of the files that the stages of a run have recorded, relative to the run folder. */
export async function recordedFiles(folder: string): Promise<string[]> {
  const stages = join(folder, 'stages');
  const names = (await ifThere(stages, readdir(stages))) ?? [];
  const records = await Promise.all(names.map((name) => readSealed<StageRecord>(join(stages, name))));
  return records.flatMap((record) => record?.files.map(({ file }) => file) ?? []);
}

/** Finished stage in the folder of another run. */
export interface StageElsewhere {
  run: string;
  /** Absolute path of the run's folder. */
  folder: string;
  record: StageRecord;
}

/** Records of a stage in the folders of other runs, newest reference date first. */
export async function stagesElsewhere(output: string, own: string, stage: string): Promise<StageElsewhere[]> {
  const found: StageElsewhere[] = [];
  for (const run of (await runFolders(output)).sort().reverse()) {
    const folder = join(output, 'runs', run);
    const record = run === own ? undefined : await readRecord(folder, stage);
    if (record) found.push({ run, folder, record });
  }
  return found;
}

/** Run of the newest reference date in which a stage has the wanted inputs, and its files are unchanged, byte by byte. */
export async function findStage(
  output: string,
  own: string,
  stage: string,
  isWanted: (made: MadeOf) => boolean,
): Promise<StageElsewhere | undefined> {
  for (const one of await stagesElsewhere(output, own, stage)) {
    const { made, files } = one.record;
    if (made && isWanted(made) && (await allAsRecorded(one.folder, files))) return one;
  }
  return undefined;
}

/** Names of the inputs that differ between a record and the wanted inputs. */
export function differences(made: MadeOf, wanted: MadeOf): string[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(made)])].filter((part) => made[part] !== wanted[part]);
}
