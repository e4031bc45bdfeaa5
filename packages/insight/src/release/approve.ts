import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { Settings } from '@basketwise/pipeline';
import { type JournalEntry, wholeRun } from '@basketwise/pipeline/parts';
import { checkRun } from '../archive/check-run.ts';
import { atDesk, type Desk, releaseOf, type Signer, signEntry, standingAt } from './desk.ts';
import { keyFor } from './keys.ts';
import type { Standing } from './standing.ts';

/** Approvals of a run. */
export interface RunApprovals {
  run: string;
  state: 'prepared' | 'rejected';
  /** Names of the keys that approved it. */
  approvals: readonly string[];
  /** Number of approvals that it needs. */
  needed: number;
}

/** Checks that the key that signs runs is there, before a run begins. @throws AppError as `keyFor` and `releaseOf` */
export async function needRunKey(settings: Settings, { as }: Signer): Promise<void> {
  keyFor((await releaseOf(settings)).keys, ['run'], as);
}

/** Enters a finished run into the journal, signed by the key that made it. Nothing changes if that is done. @throws AppError as `atDesk` */
export function enterRun(settings: Settings, run: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return atDesk(settings, async (desk) => {
    const key = keyFor(desk.keys, ['run'], as);
    const { files, makers, approvals, rejected } = await standingAt(desk, run);
    const manifest = { 'manifest.json': files['manifest.json']! };
    if (!makers.includes(key.name)) await signEntry(desk, key, { what: 'prepared', run, files: manifest }, file);
    return answer(desk, run, approvals, rejected);
  });
}

/**
 * Approves the bytes of a prepared run: all its files are compared with its manifest, and the manifest and validation.json are signed.
 * @throws AppError not-released for a rejected run, by a key that made it or may not approve; bad-data if a file differs
 */
export function approveRun(settings: Settings, run: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return atDesk(settings, async (desk) => {
    const { name, key, standing } = await judged(desk, run, as);
    const { files, approvals, rejected } = standing;
    if (rejected) throw refused(name, `it was rejected by ${rejected.who}: ${rejected.because}`);
    if (standing.makers.includes(key.name)) throw refused(name, `key ${key.name} has made it, and cannot approve it`);
    if (approvals.includes(key.name)) return answer(desk, name, approvals, rejected);
    await signEntry(desk, key, { what: 'approve', run: name, files }, file);
    return answer(desk, name, [...approvals, key.name], rejected);
  });
}

/** Rejects the bytes of a prepared run, for good. @throws AppError as `approveRun` */
export function rejectRun(settings: Settings, run: string, because: string, { as, key: file }: Signer): Promise<RunApprovals> {
  return atDesk(settings, async (desk) => {
    const { name, key, standing } = await judged(desk, run, as);
    const { files, approvals } = standing;
    const rejected = standing.rejected ?? (await signEntry(desk, key, { what: 'reject', run: name, files, because }, file));
    return answer(desk, name, approvals, rejected);
  });
}

/** A prepared run whose files are as in its manifest, and a key that may judge it. */
async function judged(desk: Desk, run: string, as: string | undefined) {
  const name = await wholeRun(desk.output, run);
  const key = keyFor(desk.keys, ['approve'], as);
  const standing = await standingAt(desk, name);
  needMaker(name, standing);
  await checkRun(join(desk.output, 'runs', name));
  return { name, key, standing };
}

/** @throws AppError not-released for a run that no key has signed */
export function needMaker(run: string, { makers }: Standing): void {
  if (makers.length > 0) return;
  throw new AppError(
    'not-released',
    `run \`${run}\` has no entry of the key that made it`,
    'Do the run again with `release` in the config: its stages are skipped.',
  );
}

/** @param why of a refusal to publish or approve a run */
export function refused(run: string, why: string): AppError {
  return new AppError(
    'not-released',
    `run \`${run}\` is not released: ${why}`,
    '`basketwise runs` shows the states of all runs.',
  );
}

function answer({ release }: Desk, run: string, approvals: readonly string[], rejected: JournalEntry | undefined): RunApprovals {
  return { run, state: rejected ? 'rejected' : 'prepared', approvals, needed: release.approvals };
}

/** State and approvals of a run, for the terminal. */
export function approvalsText({ run, state, approvals, needed }: RunApprovals): string {
  const by = approvals.length > 0 ? ` (${approvals.join(', ')})` : '';
  const count = `${approvals.length} of ${needed} approvals${by}`;
  if (state === 'rejected') return `run ${run}: rejected\n`;
  const next = approvals.length >= needed ? `basketwise release ${run}` : `basketwise approve ${run} --as NAME`;
  return `run ${run}: prepared, ${count}; next: ${next}\n`;
}
