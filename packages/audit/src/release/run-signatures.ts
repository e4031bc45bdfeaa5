import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import {
  erasuresFile,
  hashFile,
  ifThere,
  isSignedErasure,
  type Journal,
  type JournalEntry,
  validationFile,
} from '@basketwise/pipeline/base';
import { isSignedBy, type Key, type Keys, maySign, mightSign, roleFor } from './keys.ts';

/**
 * Files of a run that are signed. The manifest has the hashes of all results, the record of the stage `report` those of the report, and
 * run.json names that stage. Erasures replace hashes.
 */
const signedFiles = ['manifest.json', 'run.json', 'stages/report.json', erasuresFile, validationFile];

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
  /** Names of the keys that approved the run and may still approve. Keys that made the run do not count, nor do approvals before a stop. */
  approvals: readonly string[];
  /** Its rejection, which is final. */
  rejected: JournalEntry | undefined;
}

/** sha256 of each signed file of a run, by file name: from `signedFilesOf`, or from an entry of the journal. */
type SignedFiles = Readonly<Record<string, string>>;

/** Names of the keys that signed entries of one kind for a run. The manifest of these entries has the same bytes as in `files`. */
function signersOf(entries: readonly JournalEntry[], what: JournalEntry['what'], run: string, files: SignedFiles): string[] {
  const isOf = (one: JournalEntry) => one.run === run && one.files?.['manifest.json'] === files['manifest.json'];
  return [...new Set(entries.filter((one) => one.what === what && isOf(one)).map(({ who }) => who))];
}

/** Names of different keys that approved all signed files since the last stop, without those that made the run. */
function approversOf(entries: readonly JournalEntry[], run: string, files: SignedFiles): string[] {
  const isOnAll = (one: JournalEntry) => signedFiles.every((name) => one.files?.[name] === files[name]);
  const current = entries.slice(entries.findLastIndex(({ what }) => what === 'stop') + 1).filter(isOnAll);
  const makers = signersOf(entries, 'prepared', run, files);
  return signersOf(current, 'approve', run, files).filter((who) => !makers.includes(who));
}

/** Reads the signatures on a run from a journal whose signatures are valid. @param files as `signedFilesOf` */
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

/** Whether an entry is a release that had its approvals before it. @param needed number of approvals */
export function isApprovedRelease(journal: Journal, line: number, run: string, needed: number): boolean {
  return (approvalsBefore(journal, line, run) ?? -1) >= needed;
}

/** Number of approvals before an entry; undefined if it is no release of a run. */
function approvalsBefore({ entries }: Journal, line: number, run: string): number | undefined {
  const { what, run: of, files } = entries[line]!;
  if (what !== 'release' || of !== run || files === undefined) return undefined;
  return approversOf(entries.slice(0, line), run, files).length;
}

/**
 * Most approvals that a release of the present files of a run had before it; undefined if they were never released. Infinite for a run from
 * before `release`. Customers may have been erased from it since, by a signed erasure, and its validation may be new.
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

/** @param why of a refusal to publish or approve a run */
export function refused(run: string, why: string, hint = '`basketwise runs` shows the states of all runs.'): AppError {
  return new AppError('not-released', `run \`${run}\` is not released: ${why}`, hint);
}

/** Entries that count only with a signature. */
const alwaysSigned = new Set(['prepared', 'approve', 'reject', 'release', 'resume']);

/**
 * Checks the signature of each entry, and that its key may sign such entries, or might when it was written.
 * @returns number of signatures
 * @throws AppError bad-data that names the first entry whose key is unknown, without the role, or with a wrong or missing signature
 */
export function checkSignatures(journal: Journal, keys: Keys): number {
  const signers = journal.entries.map((_, i) => signerAt(journal, keys, i));
  for (const [i, key] of signers.entries())
    if (key !== undefined && !mightSign(key, journal, i)) throw lacksRole(journal, key, i);
  return signers.filter((key) => key !== undefined).length;
}

/** Entries that permit an act: without the role of their key they permit none. All others only forbid, and `resume` ends a stop. */
const permits = new Set(['approve', 'release', 'forget']);

/**
 * The journal without approvals, releases and erasures by keys without the role: earlier versions let a key be retired without `had`.
 * @throws AppError bad-data for an unknown key, a wrong or missing signature, or a `resume` by a key without the role that no line of a
 * person with another key follows
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

/** Whether a later entry is of another key that may approve or resume: it covers the hash of this one. */
function isVouchedFor({ entries }: Journal, { byName }: Keys, line: number): boolean {
  return entries.slice(line + 1).some(({ who, signature }) => {
    const key = signature === undefined || who === entries[line]!.who ? undefined : byName.get(who);
    return key !== undefined && (maySign(key, 'approve') || maySign(key, 'resume'));
  });
}

/** The key of an entry; undefined if it needs none and has none. @throws AppError bad-data if it is unknown, or its signature wrong or missing */
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

/** Names what to write if the key had the role: the hash of a line is in the next one. */
function lacksRole({ entries, last }: Journal, { name, had }: Key, line: number): AppError {
  const { what } = entries[line]!;
  const end = entries.findLastIndex(({ who, signature }) => who === name && signature !== undefined);
  const hash = entries[end + 1]?.after ?? last;
  return forged(
    `${placeOf(what, line)} is of key ${name}, which may not ${what === 'prepared' ? 'run' : what}`,
    had.length > 0
      ? 'If the key had the role, name it: `had` and `until` of the file of keys (docs/release.md#keys).'
      : `If the key had the role, and line ${end + 1} is its own, add to it in the file of keys: \`had: [${roleFor(what)}], until: ['${hash}']\`.`,
  );
}

function forged(problem: string, hint: string): AppError {
  return new AppError('bad-data', problem, hint);
}
