import { join, relative } from 'node:path';
import {
  appendEntry,
  erasuresFile,
  hashFile,
  ifThere,
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

/** Whether a key signed the erasures of a run. @param erasures sha256 of its `erasures.json`; undefined without one */
export function isSignedErasure({ entries }: Journal, run: string, erasures: string | undefined): boolean {
  return erasures !== undefined && entries.some((one) => one.signature !== undefined && hasErasures(one, run, erasures));
}

const fileOf = (run: string) => `runs/${run}/${erasuresFile}`;

function hasErasures({ what, files }: JournalEntry, run: string, erasures: string): boolean {
  return what === 'forget' && files?.[fileOf(run)] === erasures;
}

/** sha256 of the erasures of a run folder; undefined without any. */
export async function erasuresHash(folder: string): Promise<string | undefined> {
  const path = join(folder, erasuresFile);
  return ifThere(path, hashFile(path));
}

/** Erasure of one call. */
interface ErasureOfCall {
  /** Number of ids. */
  customers: number;
  /** Run folders whose erasures it enters. */
  folders: readonly string[];
  lock: Lock;
  /** Whether another entry has the erasure, too: without hashes of its own it is left out. */
  isFurther?: boolean;
  signer?: ErasureSigner | undefined;
}

/** Enters an erasure into the journal, without ids: hashes of `erasures.json` of run folders that no earlier entry of its kind has. */
export async function enterErasure(
  output: string,
  { entries }: Journal,
  { customers, folders, lock, isFurther = false, signer }: ErasureOfCall,
): Promise<void> {
  const files: Record<string, string> = {};
  for (const folder of folders) {
    const digest = await erasuresHash(folder);
    const run = relative(join(output, 'runs'), folder);
    const isEntered = (one: JournalEntry) =>
      (signer === undefined || one.signature !== undefined) && digest !== undefined && hasErasures(one, run, digest);
    if (digest !== undefined && !entries.some(isEntered)) files[fileOf(run)] = digest;
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
