import { join } from 'node:path';
import { exactObject, type FileRecord, listOf, numberShape, oneOf, textShape, type ValueOf } from '@basketwise/data/files';
import { readSealed } from './seal.ts';

/** File of a run folder about customers who were erased from it. Manifest and records of stages are unchanged. */
export const erasuresFile = 'erasures.json';

/** Validation pack: in the output folder, and in the folder of its run, where approvals sign it. */
export const validationFile = 'validation.json';

/** Beginning of the names of records of publications to servers, in the output folder. */
export const publishedToPrefix = 'published-to-';

/** Shape of `erasures.json`, without its seal. */
export const erasuresShape = exactObject({
  version: oneOf(1),
  /** Number of customers erased so far. */
  customers: numberShape,
  /** Records of the rewritten files, without the erased customers. They replace the files' records in the stages. */
  files: listOf(exactObject({ file: textShape, bytes: numberShape, sha256: textShape })),
});

/** Erased customers of a run. */
export type Erasures = ValueOf<typeof erasuresShape>;

/** Erasures in a run folder; undefined without any. */
export async function readErasures(folder: string): Promise<Erasures | undefined> {
  return erasuresShape.safeParse(await readSealed(join(folder, erasuresFile))).data;
}

/** Function from the record of a file to its record after erasures. */
export function recordsAfter(erasures: Erasures | undefined): (record: FileRecord) => FileRecord {
  const after = new Map(erasures?.files.map((one) => [one.file, one]));
  return (record) => after.get(record.file) ?? record;
}
