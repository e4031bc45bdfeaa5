import { join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { hashFile, ifThere } from '@basketwise/data/base';
import { erasuresFile, isSignedErasure, type Journal, type JournalEntry, validationFile } from '@basketwise/pipeline';
import { isSignedBy, type Key, type Keys, maySign, mightSign, roleFor } from './keys.ts';

/**
 * Files of a run whose hashes are signed. Other files are covered indirectly:
 * - the manifest has the hashes of all results
 * - the record of stage `report` has the hashes of the report, and run.json names that record
 * - the file of erasures has the new hashes of files from which customers were erased
 */
const signedFiles = ['manifest.json', 'run.json', 'stages/report.json', erasuresFile, validationFile];

/** sha256 of each signed file that exists in a run folder, by file name. */
async function signedFilesOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of signedFiles) {
    const digest = await ifThere(join(folder, name), hashFile(join(folder, name)));
    if (digest !== undefined) found[name] = digest;
  }
  return found;
}

/** Hashes of the signed files of a run, and the signatures on them. */
export async function signaturesAt(
  { output, journal, keys }: { output: string; journal: Journal; keys: Keys },
  run: string,
): Promise<RunSignatures & { files: Record<string, string> }> {
  const files = await signedFilesOf(join(output, 'runs', run));
  return { files, ...signaturesOf(journal, keys, run, files) };
}

/** Signatures on the present bytes of a run. */
export interface RunSignatures {
  /** Names of the keys that signed the run as its makers, even if their roles have changed since. */
  makers: readonly string[];
  /** Whether one of the makers' keys still has the right to sign runs. */
  isPrepared: boolean;
  /**
   * Names of the keys that approved the run and still have the right to approve runs. Approvals by makers, and approvals before a stop, do not count.
   */
  approvals: readonly string[];
  /** Entry that rejected the run; undefined if the run was not rejected. A rejection is final. */
  rejected: JournalEntry | undefined;
}

/** sha256 of each signed file of a run, by file name: from `signedFilesOf`, or from an entry of the journal. */
type SignedFiles = Readonly<Record<string, string>>;

/** Names of the keys that signed entries of one kind for a run. Only entries with the manifest hash of `files` count. */
function signersOf(entries: readonly JournalEntry[], what: JournalEntry['what'], run: string, files: SignedFiles): string[] {
  const isOf = (one: JournalEntry) => one.run === run && one.files?.['manifest.json'] === files['manifest.json'];
  return [...new Set(entries.filter((one) => one.what === what && isOf(one)).map(({ who }) => who))];
}

/** Names of the keys that approved all signed files of a run since the last stop, without the makers' keys. */
function approversOf(entries: readonly JournalEntry[], run: string, files: SignedFiles): string[] {
  const isOnAll = (one: JournalEntry) => signedFiles.every((name) => one.files?.[name] === files[name]);
  const current = entries.slice(entries.findLastIndex(({ what }) => what === 'stop') + 1).filter(isOnAll);
  const makers = signersOf(entries, 'prepared', run, files);
  return signersOf(current, 'approve', run, files).filter((who) => !makers.includes(who));
}

/** Signatures on a run, from a journal whose signatures were checked. @param files result of `signedFilesOf` */
export function signaturesOf({ entries }: Journal, { byName }: Keys, run: string, files: SignedFiles): RunSignatures {
  const mayStill = (act: JournalEntry['what']) => (who: string) => {
    const key = byName.get(who);
    return key !== undefined && maySign(key, act);
  };
  const makers = signersOf(entries, 'prepared', run, files);
  const isOfManifest = (one: JournalEntry) => one.run === run && one.files?.['manifest.json'] === files['manifest.json'];
  return {
    makers,
    isPrepared: makers.some(mayStill('prepared')),
    approvals: approversOf(entries, run, files).filter(mayStill('approve')),
    rejected: entries.find((one) => one.what === 'reject' && isOfManifest(one)),
  };
}

/** Whether a journal entry releases a run after at least `needed` approvals. @param line number of the entry, from 0 */
export function isApprovedRelease(journal: Journal, line: number, run: string, needed: number): boolean {
  return (approvalsBefore(journal, line, run) ?? -1) >= needed;
}

/** Number of approvals of a run before a journal entry; undefined if the entry is not a release of the run. */
function approvalsBefore({ entries }: Journal, line: number, run: string): number | undefined {
  const { what, run: of, files } = entries[line]!;
  if (what !== 'release' || of !== run || files === undefined) return undefined;
  return approversOf(entries.slice(0, line), run, files).length;
}

/**
 * Greatest number of approvals that preceded a release of a run with its present files. Undefined if these files were never released.
 * Infinite for a run that was published before the config had `release`.
 * Two changes since the release are allowed: a signed erasure of customers, and a new validation.
 */
export function approvalsAtRelease(journal: Journal, run: string, files: SignedFiles): number | undefined {
  const { entries } = journal;
  if (!entries.some((one) => one.run === run && one.what === 'prepared')) return Number.POSITIVE_INFINITY;
  const erasures = files[erasuresFile];
  const isErased = isSignedErasure(journal, run, erasures);
  const same = signedFiles.filter((name) => name !== validationFile && !(isErased && name === erasuresFile));
  const counts = entries.flatMap((one, line) => {
    const count = same.every((name) => one.files?.[name] === files[name]) ? approvalsBefore(journal, line, run) : undefined;
    return count === undefined ? [] : [count];
  });
  return counts.length > 0 ? Math.max(...counts) : undefined;
}

/** Error not-released about a run that may not be published or approved. @param why reason of the refusal */
export function refused(run: string, why: string, hint = '`basketwise runs` shows the states of all runs.'): AppError {
  return new AppError('not-released', `run \`${run}\` is not released: ${why}`, hint);
}

/** Kinds of entries that are valid only with a signature. */
const alwaysSigned = new Set(['prepared', 'approve', 'reject', 'release', 'resume']);

/**
 * Checks the signature of each journal entry, and that the signing key has the role for it, or had the role when it was written.
 * @returns number of signatures
 * @throws AppError bad-data that names the first entry with an unknown key, a key without the role, or a wrong or missing signature
 */
export function checkSignatures(journal: Journal, keys: Keys): number {
  const signers = journal.entries.map((_, i) => signerAt(journal, keys, i));
  for (const [i, key] of signers.entries())
    if (key !== undefined && !mightSign(key, journal, i)) throw lacksRole(journal, key, i);
  return signers.filter((key) => key !== undefined).length;
}

/**
 * Kinds of entries that permit an act. They do not count if their key lacks the role.
 * Entries of other kinds forbid an act, so they count in any case; `resume` is treated apart.
 */
const permits = new Set(['approve', 'release', 'forget']);

/**
 * Copy of a journal without the approvals, releases and erasures that were signed by keys without the role.
 * (Such entries exist because earlier versions let a key be retired without `had`.)
 * A `resume` by a key without the role counts only if a later entry by another key confirms it.
 * @throws AppError bad-data for an unknown key, a wrong or missing signature, and an unconfirmed `resume`
 */
export function countedJournal(journal: Journal, keys: Keys): Journal {
  const isCounted = ({ what }: JournalEntry, i: number) => {
    const key = signerAt(journal, keys, i);
    if (key === undefined || mightSign(key, journal, i)) return true;
    if (what === 'resume' && !isVouchedFor(journal, keys, i)) throw lacksRole(journal, key, i);
    return !permits.has(what);
  };
  return { ...journal, entries: journal.entries.filter(isCounted) };
}

/** Whether a later entry by another key with the right to approve or resume confirms an entry. Each entry covers the hashes of all before. */
function isVouchedFor({ entries }: Journal, { byName }: Keys, line: number): boolean {
  return entries.slice(line + 1).some(({ who, signature }) => {
    const key = signature === undefined || who === entries[line]!.who ? undefined : byName.get(who);
    return key !== undefined && (maySign(key, 'approve') || maySign(key, 'resume'));
  });
}

/**
 * Key that signed an entry; undefined if the entry has no signature and needs none.
 * @throws AppError bad-data if the key is unknown, or the signature wrong or missing
 */
function signerAt({ entries }: Journal, { byName }: Keys, line: number): Key | undefined {
  const { who, what, signature } = entries[line]!;
  if (signature === undefined && !alwaysSigned.has(what)) return undefined;
  const key = byName.get(who);
  const place = placeOf(what, line);
  if (key === undefined)
    throw forged(
      `${place} is of ${who}, which the file of keys lacks`,
      'Leave keys that are no longer used in the file, with `may: []`, `had` and `until`.',
    );
  if (isSignedBy(entries[line]!, key)) return key;
  throw forged(`${place} has no valid signature by key ${who}`, 'Compare the journal with a copy; a new key needs a new name.');
}

const placeOf = (what: string, line: number) => `journal.jsonl line ${line + 1}: \`${what}\``;

/** Error about an entry whose key lacks the role. It names the lines for the file of keys in case the key had the role. */
function lacksRole({ entries, last }: Journal, { name, had }: Key, line: number): AppError {
  const { what } = entries[line]!;
  const end = entries.findLastIndex(({ who, signature }) => who === name && signature !== undefined);
  const hash = entries[end + 1]?.after ?? last;
  return forged(
    `${placeOf(what, line)} is of key ${name}, which may not ${what === 'prepared' ? 'run' : what}`,
    had.length > 0
      ? 'If the key had the role, name it: `had` and `until` of the file of keys (docs/audit.md#keys).'
      : `If the key had the role, and line ${end + 1} is its own, add to it in the file of keys: \`had: [${roleFor(what)}], until: ['${hash}']\`.`,
  );
}

function forged(problem: string, hint: string): AppError {
  return new AppError('bad-data', problem, hint);
}
