import {
  appendEntry,
  erasuresOf,
  hasErasures,
  type Journal,
  type JournalEntry,
  type Lock,
  systemUser,
} from '@basketwise/pipeline/base';

/** Key that signs an erasure. */
export interface ErasureSigner {
  /** Name of the key. */
  who: string;
  /** sha256 of the names, public keys and roles in the file of keys. */
  roles: string;
  /** Checks the signatures of a journal, and leaves out entries that do not count. @throws AppError bad-data */
  counted(journal: Journal): Journal;
  /** Signature of a text, in base64. @throws AppError not-permitted */
  sign(text: string): Promise<string>;
}

/** Erasure of one call. */
interface ErasureOfCall {
  /** Number of ids. */
  customers: number;
  /** sha256 of the erasures that it enters, by run. */
  erasures: ReadonlyMap<string, string>;
  lock: Lock;
  /** Whether another entry has the erasure, too: without hashes of its own it is left out. */
  isFurther?: boolean;
  signer?: ErasureSigner | undefined;
}

/** Enters an erasure into the journal, without ids: hashes of `erasures.json` of runs that no earlier entry of its kind has. */
export async function enterErasure(
  output: string,
  { entries }: Journal,
  { customers, erasures, lock, isFurther = false, signer }: ErasureOfCall,
): Promise<void> {
  const files: Record<string, string> = {};
  for (const [run, digest] of erasures) {
    const isEntered = (one: JournalEntry) =>
      (signer === undefined || one.signature !== undefined) && hasErasures(one, run, digest);
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
