import { join } from 'node:path';
import type { FileRecord } from '@basketwise/data/files';
import { z } from 'zod';
import { readSealed } from './seal.ts';

/**
 * File of a run folder about the customers erased from it. An erasure leaves the manifest and the records of stages unchanged.
 */
export const erasuresFile = 'erasures.json';

/**
 * File of the validation pack. The output folder has one, and so has the folder of the validated run. Approvals sign the file in
 * the folder of the run.
 */
export const validationFile = 'validation.json';

/** Prefix of the files in the output folder that record which run published to a server last. */
export const publishedToPrefix = 'published-to-';

/** Shape of `erasures.json`, without its seal. */
export const erasuresShape = z.strictObject({
  version: z.literal(1),
  /** Number of customers erased so far. */
  customers: z.number(),
  /**
   * Size and sha256 of each file that was rewritten without the erased customers. These values replace those in the records of
   * stages.
   */
  files: z.array(z.strictObject({ file: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** Content of `erasures.json`. */
export type Erasures = z.output<typeof erasuresShape>;

/** Reads the erasures of a run folder; undefined if no customer was erased. */
export async function readErasures(folder: string): Promise<Erasures | undefined> {
  return erasuresShape.safeParse(await readSealed(join(folder, erasuresFile))).data;
}

/** Returns a function that maps the record of a file to its record after erasures. */
export function recordsAfter(erasures: Erasures | undefined): (record: FileRecord) => FileRecord {
  const after = new Map(erasures?.files.map((one) => [one.file, one]));
  return (record) => after.get(record.file) ?? record;
}
