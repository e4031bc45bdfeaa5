import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { erasuresFile, hashFile, ifThere, type Journal, type JournalEntry } from '@basketwise/pipeline/parts';
import { isSignedBy, type Keys, type Role } from './keys.ts';

/**
 * Files of a run that are signed. The manifest has the hashes of all results, the record of the stage `report` those of the report, and
 * run.json names that stage. Erasures replace hashes.
 */
const signedFiles = ['manifest.json', 'run.json', 'stages/report.json', erasuresFile, 'validation.json'];

/** sha256 of the signed files that a run folder has, by name. */
export async function signedFilesOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of signedFiles) {
    const digest = await ifThere(join(folder, name), hashFile(join(folder, name)));
    if (digest !== undefined) found[name] = digest;
  }
  return found;
}

/** Signatures on the present bytes of a run. */
export interface RunSignatures {
  /** Names of the keys that made it. */
  makers: readonly string[];
  /** Names of different keys that approved it and still may, without its makers. Approvals before a stop do not count. */
  approvals: readonly string[];
  /** Its rejection, which is final. */
  rejected: JournalEntry | undefined;
}

/** Reads the signatures on a run from a journal. @param files as `signedFilesOf` */
export function signaturesOf(
  { entries }: Journal,
  { byName }: Keys,
  run: string,
  files: Readonly<Record<string, string>>,
): RunSignatures {
  const manifest = files['manifest.json'];
  const isValid = (entry: JournalEntry, role: Role) => {
    const key = byName.get(entry.who);
    return key?.may.includes(role) === true && isSignedBy(entry, key);
  };
  const ofRun = entries.filter((entry) => entry.run === run && entry.files?.['manifest.json'] === manifest);
  const stopped = entries.findLastIndex(({ what }) => what === 'stop');
  const current = new Set(entries.slice(stopped + 1));
  const makers = ofRun.filter((entry) => entry.what === 'prepared' && isValid(entry, 'run')).map(({ who }) => who);
  const approvals = ofRun.filter(
    (entry) =>
      entry.what === 'approve' &&
      current.has(entry) &&
      signedFiles.every((name) => entry.files?.[name] === files[name]) &&
      isValid(entry, 'approve') &&
      !makers.includes(entry.who),
  );
  return {
    makers: [...new Set(makers)],
    approvals: [...new Set(approvals.map(({ who }) => who))],
    rejected: ofRun.find(({ what }) => what === 'reject'),
  };
}

/** Entries that count only with a signature. */
const alwaysSigned = new Set(['prepared', 'approve', 'reject', 'release', 'resume']);

/**
 * Checks the signature of each entry.
 * @returns number of signatures, and names of keys that are not in the file of keys
 * @throws AppError bad-data that names the first entry with a wrong or missing signature
 */
export function checkSignatures({ entries }: Journal, { byName }: Keys): { checked: number; unknown: readonly string[] } {
  const unknown = new Set<string>();
  let checked = 0;
  for (const [i, entry] of entries.entries()) {
    if (entry.signature === undefined && !alwaysSigned.has(entry.what)) continue;
    const key = byName.get(entry.who);
    if (key === undefined) unknown.add(entry.who);
    else if (isSignedBy(entry, key)) checked++;
    else {
      const problem = `journal.jsonl line ${i + 1}: \`${entry.what}\` has no valid signature by key ${entry.who}`;
      throw new AppError('bad-data', problem, 'Compare the journal with a copy; a new key needs a new name.');
    }
  }
  return { checked, unknown: [...unknown] };
}
