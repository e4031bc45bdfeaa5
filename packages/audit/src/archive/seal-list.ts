import { parseSealed } from '@basketwise/pipeline/base';
import { z } from 'zod';

/** Name of the archive's list of hashes, which has the hashes of all other files. */
export const sealFile = 'seal.json';

const sealShape = z.strictObject({
  version: z.literal(1),
  /** Name of the run. */
  run: z.string(),
  /** Whether the archive has the rows of customers. */
  data: z.boolean(),
  /** Files in the order of the archive. `held` is false if the archive has only the hash of the file. */
  entries: z.array(z.strictObject({ file: z.string(), bytes: z.number(), sha256: z.string(), held: z.boolean() })),
});

/** List of the files of an archive. */
export type SealList = z.output<typeof sealShape>;

/** Parses the text of `seal.json`; undefined if it is damaged or has another version. */
export function parseSealList(text: string): SealList | undefined {
  const found = sealShape.safeParse(parseSealed(text));
  return found.success && found.data.entries.every(({ file }) => isInside(file)) ? found.data : undefined;
}

/** Whether a relative file name stays inside its folder: it has no `..` and is not absolute. */
function isInside(file: string): boolean {
  return !file.includes('\\') && file.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
