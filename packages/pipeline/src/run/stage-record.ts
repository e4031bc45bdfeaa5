import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileRecord, ifThere, isAsRecorded } from './files.ts';
import { readSealed, sealOf } from './seal.ts';

/** Parts that a stage was made of: a hash for each part of the data, the config and the program that it depends on, by a name for people. */
export type MadeOf = Readonly<Record<string, string>>;

/** Record of a stage: what it left, and of what it made it; sealed, as later stages depend on it. */
export interface StageRecord {
  /** Of the run's identity. */
  hash: string;
  /** Key of all else that the stage depends on. */
  key: string;
  /** Seal of the record of the stage before, which has that of the one before it, and so on: none where it is the first. */
  after: string;
  /** Null for a stage that depends on more than can be told. */
  made: MadeOf | null;
  files: FileRecord[];
  summary: unknown;
}

/** A record that may be taken. */
export type WantedRecord = Pick<StageRecord, 'hash' | 'key' | 'after'>;

/** The file of a stage's record, relative to the run folder. */
export function recordName(stage: string): string {
  return `stages/${stage}.json`;
}

/** Link by which the record of the next stage names this one. */
export function linkOf(record: StageRecord): string {
  return sealOf(record);
}

/** The record of a stage, if it was made of what is wanted, and all of its files are as it left them, to the last bit. */
export async function validRecord(folder: string, stage: string, wanted: WantedRecord): Promise<StageRecord | undefined> {
  const record = await readRecord(folder, stage);
  if (!record || record.hash !== wanted.hash || record.key !== wanted.key || record.after !== wanted.after) return undefined;
  return (await allAsRecorded(folder, record.files)) ? record : undefined;
}

/** The record of a stage in a run folder; undefined where there is none, or it is not as it was written. */
export function readRecord(folder: string, stage: string): Promise<StageRecord | undefined> {
  return readSealed<StageRecord>(join(folder, recordName(stage)));
}

/** Whether all files of a folder are as they were recorded, to the last bit. */
export async function allAsRecorded(folder: string, files: readonly FileRecord[]): Promise<boolean> {
  for (const file of files) if (!(await isAsRecorded(join(folder, file.file), file))) return false;
  return true;
}

/** Files that the stages of a run have recorded, relative to its folder. */
export async function recordedFiles(folder: string): Promise<string[]> {
  const stages = join(folder, 'stages');
  const names = (await ifThere(stages, readdir(stages))) ?? [];
  const records = await Promise.all(names.map((name) => readSealed<StageRecord>(join(stages, name))));
  return records.flatMap((record) => record?.files.map(({ file }) => file) ?? []);
}
