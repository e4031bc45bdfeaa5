import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileRecord, ifThere, isAsRecorded } from '@basketwise/data/files';
import { readSealed, sealOf } from './seal.ts';

/** Inputs of a stage: a hash for each part of the data, the config and the program that it depends on, by a readable name. */
export type MadeOf = Readonly<Record<string, string>>;

/** Record of a stage: its results and inputs; sealed, as later stages depend on it. */
export interface StageRecord {
  /** Of the run's identity. */
  hash: string;
  /** Key of all its other inputs. */
  key: string;
  /**
   * Seal of the previous stage's record. That record contains the seal of the record before it, and so on. Absent for the first
   * stage.
   */
  after: string;
  /** Null for a stage with unknown inputs. */
  made: MadeOf | null;
  files: FileRecord[];
  summary: unknown;
}

/** A record whose stage may be reused. */
export type WantedRecord = Pick<StageRecord, 'hash' | 'key' | 'after'>;

/** The file of a stage's record, relative to the run folder. */
export function recordName(stage: string): string {
  return `stages/${stage}.json`;
}

/** The record's seal as contained in the next stage's record. */
export function linkOf(record: StageRecord): string {
  return sealOf(record);
}

/** Record of a stage, if its inputs are the requested ones and all its files are unchanged, bit by bit. */
export async function validRecord(folder: string, stage: string, wanted: WantedRecord): Promise<StageRecord | undefined> {
  const record = await readRecord(folder, stage);
  if (!record || record.hash !== wanted.hash || record.key !== wanted.key || record.after !== wanted.after) return undefined;
  return (await allAsRecorded(folder, record.files)) ? record : undefined;
}

/** The record of a stage in a run folder; undefined if it is absent or damaged. */
export function readRecord(folder: string, stage: string): Promise<StageRecord | undefined> {
  return readSealed<StageRecord>(join(folder, recordName(stage)));
}

/** Whether all files of a folder equal their record, bit by bit. */
export async function allAsRecorded(folder: string, files: readonly FileRecord[]): Promise<boolean> {
  for (const file of files) if (!(await isAsRecorded(join(folder, file.file), file))) return false;
  return true;
}

/** Files recorded by the stages of a run, relative to its folder. */
export async function recordedFiles(folder: string): Promise<string[]> {
  const stages = join(folder, 'stages');
  const names = (await ifThere(stages, readdir(stages))) ?? [];
  const records = await Promise.all(names.map((name) => readSealed<StageRecord>(join(stages, name))));
  return records.flatMap((record) => record?.files.map(({ file }) => file) ?? []);
}
