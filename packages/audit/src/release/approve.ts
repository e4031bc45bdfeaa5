import { join } from 'node:path';
import { AppError } from '@basketwise/core/error';
import {
  type JournalEntry,
  publishedRuns,
  readJournal,
  releaseStates,
  type Settings,
  settingsPath,
  stopOf,
  wholeRun,
} from '@basketwise/pipeline/base';
import { checkRun } from '../archive/check-run.ts';
import { type JournalSession, releaseOf, type Signer, signEntry, withJournal } from './journal-session.ts';
import { keyFor } from './keys.ts';
import { countedJournal, type RunSignatures, refused, signaturesAt } from './run-signatures.ts';

/** Approvals of a run. */
export interface RunApprovals {
  run: string;
  state: 'prepared' | 'rejected' | 'released';
  /** Names of the keys that approved it. */
  approvals: readonly string[];
  /** Number of approvals that it needs. */
  needed: number;
}

/**
 * Checks the journal, and that the key that signs runs is there, before a run begins. A stop that a killed command left half done is done first: the run
 * compares itself with what stays published.
 * @throws AppError as `keyFor` and `withJournal`
 */
export async function needRunKey(settings: Settings, { as }: Signer): Promise<void> {
  const { keys } = await releaseOf(settings);
  keyFor(keys, 'prepared', as);
  const journal = countedJournal(await readJournal(settingsPath(settings, settings.config.output.dir)), keys);
  if (stopOf(journal) !== undefined) await withJournal(settings, async () => {});
}

/**
 * Enters a finished run into the journal. The entry is signed with the key of the person who made the run. Does nothing if this
 * key has entered the run before.
 * @throws AppError as `withJournal`
 */
export function enterRun(settings: Settings, run: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return withJournal(settings, async (session) => {
    const key = keyFor(session.keys, 'prepared', as);
    const { files, makers, approvals, rejected } = await signaturesAt(session, run);
    const manifest = { 'manifest.json': files['manifest.json']! };
    if (!makers.includes(key.name)) await signEntry(session, key, { what: 'prepared', run, files: manifest }, file);
    return approvalsOf(session, run, approvals, rejected);
  });
}

/**
 * Approves the bytes of a prepared run: all its files are compared with its records, and the files with their hashes are signed.
 * @throws AppError not-released for a rejected run, by a key that made it or may not approve; bad-data if a file differs
 */
export function approveRun(settings: Settings, run: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return withJournal(settings, async (session) => {
    const { name, key, signatures } = await checkedForApproval(session, run, 'approve', as);
    const { files, approvals, rejected } = signatures;
    if (rejected) throw refused(name, `it was rejected by ${rejected.who}: ${rejected.because}`);
    if (signatures.makers.includes(key.name)) throw refused(name, `key ${key.name} has made it, and cannot approve it`);
    if (approvals.includes(key.name)) return approvalsOf(session, name, approvals, rejected);
    await signEntry(session, key, { what: 'approve', run: name, files }, file);
    return approvalsOf(session, name, [...approvals, key.name], rejected);
  });
}

/** Rejects the bytes of a prepared run, for good. @throws AppError as `approveRun` */
export function rejectRun(settings: Settings, run: string, because: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return withJournal(settings, async (session) => {
    const { name, key, signatures } = await checkedForApproval(session, run, 'reject', as);
    const { files, approvals } = signatures;
    const rejected = signatures.rejected ?? (await signEntry(session, key, { what: 'reject', run: name, files, because }, file));
    return approvalsOf(session, name, approvals, rejected);
  });
}

/** A prepared run whose files are as in its manifest, and a key that may approve it. */
async function checkedForApproval(session: JournalSession, run: string, act: 'approve' | 'reject', as: string | undefined) {
  const name = await wholeRun(session.output, run);
  const key = keyFor(session.keys, act, as);
  const signatures = await signaturesAt(session, name);
  needMaker(name, signatures);
  await checkRun(join(session.output, 'runs', name));
  return { name, key, signatures };
}

/** @throws AppError not-released for a run that no key which may sign runs has signed */
export function needMaker(run: string, { isPrepared }: RunSignatures): void {
  if (isPrepared) return;
  throw new AppError(
    'not-released',
    `run \`${run}\` has no entry of the key that made it`,
    'Do the run again with `release` in the config: its stages are skipped.',
  );
}

async function approvalsOf(
  { output, journal, release }: JournalSession,
  run: string,
  approvals: readonly string[],
  rejected: JournalEntry | undefined,
): Promise<RunApprovals> {
  const isReleased =
    releaseStates(journal).get(run) === 'released' && (await publishedRuns(output)).some((published) => published.run === run);
  return { run, state: rejected ? 'rejected' : isReleased ? 'released' : 'prepared', approvals, needed: release.approvals };
}

/** State and approvals of a run, for the terminal. */
export function approvalsText({ run, state, approvals, needed }: RunApprovals): string {
  const by = approvals.length > 0 ? ` (${approvals.join(', ')})` : '';
  const count = `${approvals.length} of ${needed} approvals${by}`;
  if (state !== 'prepared') return `run ${run}: ${state}\n`;
  const next = approvals.length >= needed ? `basketwise release ${run}` : `basketwise approve ${run} --as NAME`;
  return `run ${run}: prepared, ${count}; next: ${next}\n`;
}
