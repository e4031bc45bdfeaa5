import {
  appendEntry,
  erasuresOf,
  hasErasures,
  type Journal,
  type JournalEntry,
  type Lock,
  systemUser,
} from '@basketwise/pipeline';

/** Key of a person who signs an erasure. */
export interface ErasureSigner {
  /** Name of the key. */
  who: string;
  /** sha256 over the names, public keys and roles of all keys in the file of keys. */
  roles: string | undefined;
  /** Checks the signatures of a journal, and returns it without the entries that do not count. @throws AppError bad-data */
  counted(journal: Journal): Journal;
  /** Signs a text. Returns the signature in base64. @throws AppError not-permitted */
  sign(text: string): Promise<string>;
}

/** Erasure by one call of the command. */
interface ErasureOfCall {
  /** Number of ids given. */
  customers: number;
  /** sha256 of `erasures.json` of each run concerned, by run. */
  erasures: ReadonlyMap<string, string>;
  lock: Lock;
  /** Whether another journal entry has the same erasure. This entry is then omitted if it has no hashes of its own. */
  isFurther?: boolean;
  signer?: ErasureSigner | undefined;
}

/**
 * Enters an erasure into the journal, without ids. The entry has the hashes of `erasures.json` that no earlier entry of this kind
 * (signed or not signed) has.
 */
export async function enterErasure(
  output: string,
  { entries }: Journal,
  { customers, erasures, lock, isFurther = false, signer }: ErasureOfCall,
): Promise<void> {
  const files: Record<string, string> = {};
  for (const [run, digest] of erasures) {
    const isEntered = (entry: JournalEntry) =>
      (signer === undefined || entry.signature !== undefined) && hasErasures(entry, run, digest);
    if (!entries.some(isEntered)) files[erasuresOf(run)] = digest;
  }
  if (isFurther && Object.keys(files).length === 0) return;
  const entry = { what: 'forget' as const, customers, files };
  if (signer === undefined) await appendEntry(output, { who: systemUser(), ...entry });
  else
    await appendEntry(output, { who: signer.who, ...entry, roles: signer.roles }, async (text) => {
      const signature = await signer.sign(text);
      await lock.check();
      return signature;
    });
}
