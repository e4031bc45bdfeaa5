import { join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import {
  type JournalEntry,
  publishedRuns,
  readJournal,
  releaseStates,
  type Settings,
  settingsPath,
  stopOf,
  wholeRun,
} from '@basketwise/pipeline';
import { checkPack } from '../archive/check-pack.ts';
import { checkRun } from '../archive/check-run.ts';
import { type JournalSession, keysOf, type Signer, signEntry, withJournal } from './journal-session.ts';
import { keyFor } from './keys.ts';
import { countedJournal, type RunSignatures, refused, signaturesAt } from './run-signatures.ts';

/** State and approvals of a run. */
export interface RunApprovals {
  run: string;
  state: 'prepared' | 'rejected' | 'released';
  /** Names of the keys that approved the run. */
  approvals: readonly string[];
  /** Number of approvals that a release needs. */
  needed: number;
}

/**
 * Before a run begins, checks the journal, and that a key exists to sign the run.
 * If a killed command left a stop unfinished, finishes the stop first. The run then compares itself with the runs that stay published.
 * @throws AppError as `keyFor` and `withJournal`
 */
export async function needRunKey(settings: Settings, { as }: Signer): Promise<void> {
  const keys = await keysOf(settings);
  keyFor(keys, 'prepared', as);
  const journal = countedJournal(await readJournal(settingsPath(settings, settings.config.output.dir)), keys);
  if (stopOf(journal) !== undefined) await withJournal(settings, async () => {});
}

/**
 * Enters a finished run into the journal, signed with the key of the person who made the run.
 * Does nothing if this key has already entered the run.
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
 * Approves the bytes of a prepared run. Compares all files of the run with its records, then signs the hashes of the signed files.
 * @throws AppError not-released if the run was rejected, or if the key made the run or may not approve; bad-data if a file differs
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

/** Rejects the bytes of a prepared run. A rejection is final. @throws AppError as `approveRun` */
export function rejectRun(settings: Settings, run: string, because: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return withJournal(settings, async (session) => {
    const { name, key, signatures } = await checkedForApproval(session, run, 'reject', as);
    const { files, approvals } = signatures;
    const rejected = signatures.rejected ?? (await signEntry(session, key, { what: 'reject', run: name, files, because }, file));
    return approvalsOf(session, name, approvals, rejected);
  });
}

/** Checks that the files of a prepared run agree with its manifest, and finds a key that may approve or reject the run. */
async function checkedForApproval(session: JournalSession, run: string, act: 'approve' | 'reject', as: string | undefined) {
  const name = await wholeRun(session.output, run);
  const key = keyFor(session.keys, act, as);
  const signatures = await signaturesAt(session, name);
  needMaker(name, signatures);
  await checkRun(join(session.output, 'runs', name));
  await checkPack(session.output, name, { replaced: true });
  return { name, key, signatures };
}

/** Checks that a key with the right to sign runs has signed a run. @throws AppError not-released if none has */
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

/** Text on the state and approvals of a run for the terminal. */
export function approvalsText({ run, state, approvals, needed }: RunApprovals): string {
  const by = approvals.length > 0 ? ` (${approvals.join(', ')})` : '';
  const count = `${approvals.length} of ${needed} approvals${by}`;
  if (state !== 'prepared') return `run ${run}: ${state}\n`;
  const next = `basketwise ${approvals.length >= needed ? 'release' : 'approve'} ${run} --as NAME`;
  return `run ${run}: prepared, ${count}; next: ${next}\n`;
}
