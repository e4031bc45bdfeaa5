import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import { erasuresFile, hashFile, ifThere, type Journal, type JournalEntry } from '@basketwise/pipeline/base';
import { isSignedBy, type Key, type Keys, type Role } from './keys.ts';

/**
 * Files of a run that are signed. The manifest has the hashes of all results, the record of the stage `report` those of the report, and
 * run.json names that stage. Erasures replace hashes.
 */
const signedFiles = ['manifest.json', 'run.json', 'stages/report.json', erasuresFile, 'validation.json'];

/** sha256 of the signed files that a run folder has, by name. */
async function signedFilesOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of signedFiles) {
    const digest = await ifThere(join(folder, name), hashFile(join(folder, name)));
    if (digest !== undefined) found[name] = digest;
  }
  return found;
}

/** Signed files of a run, and the signatures on them. */
export async function signaturesAt(
  { output, journal, keys }: { output: string; journal: Journal; keys: Keys },
  run: string,
): Promise<RunSignatures & { files: Record<string, string> }> {
  const files = await signedFilesOf(join(output, 'runs', run));
  return { files, ...signaturesOf(journal, keys, run, files) };
}

/** Signatures on the present bytes of a run. */
export interface RunSignatures {
  /** Names of the keys that made it, also those whose roles changed since. */
  makers: readonly string[];
  /** Whether a key that may still sign runs has made it. */
  isPrepared: boolean;
  /** Names of different keys that approved it and still may, without its makers. Approvals before a stop do not count. */
  approvals: readonly string[];
  /** Its rejection, which is final. */
  rejected: JournalEntry | undefined;
}

/** Reads the signatures on a run from a journal whose signatures are valid. @param files as `signedFilesOf` */
export function signaturesOf(
  { entries }: Journal,
  { byName }: Keys,
  run: string,
  files: Readonly<Record<string, string>>,
): RunSignatures {
  const manifest = files['manifest.json'];
  const mayStill = (role: Role) => (who: string) => byName.get(who)?.may.includes(role) === true;
  const ofRun = entries.filter((entry) => entry.run === run && entry.files?.['manifest.json'] === manifest);
  const stopped = entries.findLastIndex(({ what }) => what === 'stop');
  const current = new Set(entries.slice(stopped + 1));
  const namesOf = (act: JournalEntry['what'], isCounted: (entry: JournalEntry) => boolean = () => true) => [
    ...new Set(ofRun.filter((entry) => entry.what === act && isCounted(entry)).map(({ who }) => who)),
  ];
  const makers = namesOf('prepared');
  const isOnAll = (entry: JournalEntry) => current.has(entry) && signedFiles.every((name) => entry.files?.[name] === files[name]);
  return {
    makers,
    isPrepared: makers.some(mayStill('run')),
    approvals: namesOf('approve', isOnAll).filter((who) => mayStill('approve')(who) && !makers.includes(who)),
    rejected: ofRun.find(({ what }) => what === 'reject'),
  };
}

/**
 * Whether a published run has the bytes of a release, or needs none because no key ever prepared it. Customers may have been erased from it
 * since, and its validation may be new.
 */
export function wasReleased({ entries }: Journal, run: string, files: Readonly<Record<string, string>>): boolean {
  const ofRun = entries.filter((entry) => entry.run === run);
  if (!ofRun.some(({ what }) => what === 'prepared')) return true;
  const erasures = files[erasuresFile];
  const isErased = entries.some(
    (one) => one.what === 'forget' && erasures !== undefined && one.files?.[`runs/${run}/${erasuresFile}`] === erasures,
  );
  const same = signedFiles.filter((name) => name !== 'validation.json' && !(isErased && name === erasuresFile));
  return ofRun.some((one) => one.what === 'release' && same.every((name) => one.files?.[name] === files[name]));
}

/** @param why of a refusal to publish or approve a run */
export function refused(run: string, why: string): AppError {
  return new AppError(
    'not-released',
    `run \`${run}\` is not released: ${why}`,
    '`basketwise runs` shows the states of all runs.',
  );
}

/** Entries that count only with a signature. */
const alwaysSigned = new Set(['prepared', 'approve', 'reject', 'release', 'resume']);

/**
 * Checks the signature of each entry, and the role of keys that ended a stop.
 * @returns number of signatures
 * @throws AppError bad-data that names the first entry whose key is unknown, without the role, or with a wrong or missing signature
 */
export function checkSignatures({ entries }: Journal, keys: Keys): number {
  let checked = 0;
  for (const [i, entry] of entries.entries()) {
    const { who, what, signature } = entry;
    if (signature === undefined && !alwaysSigned.has(what)) continue;
    const place = `journal.jsonl line ${i + 1}: \`${what}\``;
    const key = keys.byName.get(who);
    if (key === undefined)
      throw forged(
        `${place} is of ${who}, which the file of keys lacks`,
        'Leave keys that are no longer used in the file, with `may: []`.',
      );
    if (!isSignedBy(entry, key))
      throw forged(
        `${place} has no valid signature by key ${who}`,
        'Compare the journal with a copy; a new key needs a new name.',
      );
    if (what === 'resume' && !mightResume(entry, key, keys))
      throw forged(
        `${place} is of key ${who}, which may not resume`,
        'A key that lost the role needs `may: []`, and its owner a new key.',
      );
    checked++;
  }
  return checked;
}

/** Whether a key had the role to end a stop, as far as today's file of keys shows: it has the role, or all its roles were removed later. */
function mightResume({ roles }: JournalEntry, { may }: Key, { rolesHash }: Keys): boolean {
  return may.includes('resume') || (may.length === 0 && roles !== rolesHash);
}

function forged(problem: string, hint: string): AppError {
  return new AppError('bad-data', problem, hint);
}
