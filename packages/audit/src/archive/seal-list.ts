import { parseSealed } from '@basketwise/pipeline/base';
import { z } from 'zod';

/** First file of an archive: hashes of all others. */
export const sealFile = 'seal.json';

const sealShape = z.strictObject({
  version: z.literal(1),
  /** Name of the run. */
  run: z.string(),
  /** Whether the archive has the rows of customers. */
  data: z.boolean(),
  /** In the order of the archive. `held`: the archive has the file; else only its hash. */
  entries: z.array(z.strictObject({ file: z.string(), bytes: z.number(), sha256: z.string(), held: z.boolean() })),
});

/** List of the files of an archive. */
export type SealList = z.output<typeof sealShape>;

/** The list in the text of `seal.json`; undefined if the text is damaged or of another version. */
export function parseSealList(text: string): SealList | undefined {
  const found = sealShape.safeParse(parseSealed(text));
  return found.success && found.data.entries.every(({ file }) => isInside(file)) ? found.data : undefined;
}

/** Whether a name stays inside the folder that it is relative to. */
function isInside(file: string): boolean {
  return !file.includes('\\') && file.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
