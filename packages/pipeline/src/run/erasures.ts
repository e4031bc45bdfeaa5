import { join } from 'node:path';
import { exactObject, type FileRecord, listOf, numberShape, oneOf, textShape, type ValueOf } from '@basketwise/data/files';
import { readSealed } from './seal.ts';

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
  files: listOf(exactObject({ file: textShape, bytes: numberShape, sha256: textShape })),
});

/** Content of `erasures.json`. */
export type Erasures = ValueOf<typeof erasuresShape>;

/** Reads the erasures of a run folder; undefined if no customer was erased. */
export async function readErasures(folder: string): Promise<Erasures | undefined> {
  return erasuresShape.safeParse(await readSealed(join(folder, erasuresFile))).data;
}

/** Returns a function that maps the record of a file to its record after erasures. */
export function recordsAfter(erasures: Erasures | undefined): (record: FileRecord) => FileRecord {
  const after = new Map(erasures?.files.map((one) => [one.file, one]));
  return (record) => after.get(record.file) ?? record;
}
