import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  exactObject,
  type FileRecord,
  hashFile,
  ifThere,
  isFileRecord,
  listOf,
  numberShape,
  oneOf,
  shapeOf,
  syncNames,
  syncPath,
  type ValueOf,
  writeFailure,
} from '@basketwise/data/base';
import { type Journal, type JournalEntry, readJournal } from './journal.ts';
import { readSealed } from './seal.ts';

/**
 * Folder within a run folder for the files that an erasure has rewritten, and for its `erasures.json`. These files do not replace
 * the run's files yet.
 */
export const preparedErasure = (folder: string) => join(folder, '.erasure.unfinished');
/** Folder of a decided erasure, within a run folder: its files replace those of the run. */
const decidedErasure = (folder: string) => join(folder, '.erasure');

/** Key of a run's `erasures.json` in the `files` of a journal entry. */
export const erasuresOf = (run: string) => `runs/${run}/${erasuresFile}`;

/** sha256 of the `erasures.json` in a folder; undefined if there is none. */
export async function erasuresHash(folder: string): Promise<string | undefined> {
  const path = join(folder, erasuresFile);
  return ifThere(path, hashFile(path));
}

/** Whether a journal entry records the erasures of a run. @param erasures sha256 of the run's `erasures.json` */
export function hasErasures({ what, files }: JournalEntry, run: string, erasures: string): boolean {
  return what === 'forget' && files?.[erasuresOf(run)] === erasures;
}

/**
 * Whether a signed journal entry records the erasures of a run.
 * @param erasures sha256 of the run's `erasures.json`; undefined without one
 */
export function isSignedErasure({ entries }: Pick<Journal, 'entries'>, run: string, erasures: string | undefined): boolean {
  return erasures !== undefined && entries.some((entry) => entry.signature !== undefined && hasErasures(entry, run, erasures));
}

/**
 * Replaces files of a run folder by those of its prepared erasure. If the process is killed meanwhile, `finishErasures` completes the replacement.
 * @throws AppError cannot-write
 */
export async function applyErasure(folder: string): Promise<void> {
  try {
    await rename(preparedErasure(folder), decidedErasure(folder));
    await syncPath(folder);
  } catch (cause) {
    throw writeFailure(preparedErasure(folder), cause);
  }
  await moveFiles(folder);
}

async function moveFiles(folder: string): Promise<void> {
  const decided = decidedErasure(folder);
  try {
    const entries = await readdir(decided, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name).slice(decided.length + 1));
    for (const file of files) await rename(join(decided, file), join(folder, file));
    await syncNames(folder, files);
    await rm(decided, { recursive: true, force: true });
  } catch (cause) {
    throw writeFailure(decided, cause);
  }
}

/**
 * Finishes the erasures that a killed `forget` command left in an output folder. Erasures without a signed journal entry are
 * undone instead. The caller must hold the lock of the folder.
 * @throws AppError bad-data for a damaged journal, cannot-write
 */
export async function finishErasures(output: string): Promise<void> {
  const runs = join(output, 'runs');
  const names = (await ifThere(runs, readdir(runs))) ?? [];
  const isThere = async (path: string) => (await ifThere(path, stat(path))) !== undefined;
  for (const folder of names.filter((name) => !name.startsWith('.')).map((name) => join(runs, name))) {
    const prepared = preparedErasure(folder);
    if (await isThere(decidedErasure(folder))) await moveFiles(folder);
    if (!(await isThere(prepared))) continue;
    if (isSignedErasure(await readJournal(output), basename(folder), await erasuresHash(prepared))) await applyErasure(folder);
    else await rm(prepared, { recursive: true, force: true });
  }
}

/** File of a run folder about the customers erased from it. An erasure leaves the manifest and the records of stages unchanged. */
export const erasuresFile = 'erasures.json';

/**
 * File of the validation pack. The output folder has one, and so has the folder of the validated run. Approvals sign the file in
 * the folder of the run.
 */
export const validationFile = 'validation.json';

/** Prefix of the files in the output folder that record which run published to a server last. */
export const publishedToPrefix = 'published-to-';

/** Shape of `erasures.json`, without its seal. */
export const erasuresShape = exactObject({
  version: oneOf(1),
  /** Number of customers erased so far. */
  customers: numberShape,
  /** Size and sha256 of each file that was rewritten without the erased customers. These values replace those in the records of stages. */
  files: listOf(shapeOf<FileRecord>(isFileRecord)),
});

/** Content of `erasures.json`. */
export type Erasures = ValueOf<typeof erasuresShape>;

/** Reads the erasures of a run folder; undefined if no customer was erased. */
export async function readErasures(folder: string): Promise<Erasures | undefined> {
  return erasuresShape.safeParse(await readSealed(join(folder, erasuresFile))).data;
}

/** Returns a function that maps the record of a file to its record after erasures. */
export function recordsAfter(erasures: Erasures | undefined): (record: FileRecord) => FileRecord {
  const after = new Map(erasures?.files.map((record) => [record.file, record]));
  return (record) => after.get(record.file) ?? record;
}
