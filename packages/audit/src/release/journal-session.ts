import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { ifThere, succeeds } from '@basketwise/data/base';
import {
  appendEntry,
  type Config,
  finishJournal,
  type Journal,
  type JournalEntry,
  type Lock,
  latestRun,
  type PublishedRun,
  parseSealed,
  recordedRuns,
  type Settings,
  sealOf,
  settingsPath,
  stopOf,
  takeBack,
  takeOutput,
} from '@basketwise/pipeline';
import { checkRun } from '../archive/check-run.ts';
import type { ErasureSigner } from '../archive/erasure-entry.ts';
import { type Key, type Keys, keyFor, readKeys, signWith } from './keys.ts';
import { approvalsAtRelease, countedJournal, refused, signaturesAt } from './run-signatures.ts';

/** Settings with `release`, the keys and the journal, while the process holds the lock of the output folder. */
export interface JournalSession {
  settings: Settings;
  release: NonNullable<Config['release']>;
  output: string;
  keys: Keys;
  journal: Journal;
  lock: Lock;
}

/** Options that choose the key of a signature. */
export interface Signer {
  /** Name of a key in the file of keys. */
  as?: string | undefined;
  /** File of the private key, which replaces the private key in the file of keys. */
  key?: string | undefined;
}

/** Section `release` of a config. @throws AppError config if it is absent */
function releaseSection({ config: { release } }: Settings): JournalSession['release'] {
  if (release !== undefined) return release;
  throw new AppError(
    'config',
    'the config has no `release`: runs are published without approvals',
    'docs/audit.md says how to begin.',
  );
}

/** Keys of a config. @throws AppError config if it has no `release`; also the errors of `readKeys` */
export async function keysOf(settings: Settings): Promise<Keys> {
  return await readKeys(settingsPath(settings, releaseSection(settings).keys));
}

/**
 * Like `withJournal`, for a stop of all publications: does not check signatures, and does not finish an earlier stop. A stop is an emergency, so it
 * also works with a file of keys that cannot be used, or with a lost journal.
 * @throws AppError locked while a run is at work, bad-data for a damaged journal, config without `release`
 */
export function withAnyJournal<T>(settings: Settings, work: (session: JournalSession) => Promise<T>): Promise<T> {
  const keys = () => keysOf(settings).catch(() => ({ byName: new Map<string, Key>(), rolesHash: undefined }));
  return locked(settings, { keys, mayBegin: true }, work);
}

/** Does `work` while it holds the lock of the output folder. @param how.mayBegin whether a lost journal is begun anew */
async function locked<T>(
  settings: Settings,
  { keys, mayBegin }: { keys: () => Promise<Keys>; mayBegin: boolean },
  work: (session: JournalSession) => Promise<T>,
): Promise<T> {
  const known = { release: releaseSection(settings), keys: await keys() };
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  try {
    return await work({ settings, output, journal: await finishJournal(output, mayBegin), lock, ...known });
  } finally {
    await lock.release();
  }
}

/**
 * Does `work` while it holds the lock of the output folder. If a killed command left a stop unfinished, finishes the stop first.
 * @throws AppError locked while a run is at work, bad-data for a damaged or forged journal; also the errors of `keysOf`
 */
export function withJournal<T>(settings: Settings, work: (session: JournalSession) => Promise<T>): Promise<T> {
  return locked(settings, { keys: () => keysOf(settings), mayBegin: false }, async (any) => {
    const session = { ...any, journal: countedJournal(any.journal, any.keys) };
    const stop = stopOf(session.journal);
    if (stop !== undefined) await applyStop(session, stop.run);
    return work(session);
  });
}

/**
 * Carries out a stop: points `latest` at the run that the stop names, or removes `latest`.
 * A stop needs no key, so `latest` is also removed if the named run may not be published again. If a file of that run cannot be read, this is an error,
 * and the next command tries again.
 * @param run name of the run. Absent: no run stays published
 */
export async function applyStop(session: JournalSession, run: string | undefined): Promise<void> {
  const { output } = session;
  if ((await latestRun(output)) === run) return;
  const check = async (name: string) => needPublished(session, (await recordedRuns(output)).runs, name);
  await takeBack(output, run !== undefined && (await succeeds(check(run))) ? run : null);
}

/**
 * Signs an entry with a key and appends it to the journal. The lock is not held while a person may be asked to sign.
 * @throws AppError locked if another process holds the lock then, or has changed the journal; also the errors of `signWith`
 */
export function signEntry(
  { output, keys, lock }: JournalSession,
  key: Key,
  entry: Pick<JournalEntry, 'what' | 'run' | 'files' | 'because' | 'runs'>,
  file?: string,
): Promise<JournalEntry> {
  const sign = (text: string) => lock.without(() => signWith(key, text, file));
  return appendEntry(output, { who: key.name, ...entry, roles: keys.rolesHash }, sign);
}

/** Finds the key that signs an erasure. @throws AppError as `keysOf` and `keyFor` */
export async function erasureSigner(settings: Settings, { as, key: file }: Signer): Promise<ErasureSigner> {
  const keys = await keysOf(settings);
  const key = keyFor(keys, 'forget', as);
  return {
    who: key.name,
    roles: keys.rolesHash,
    counted: (journal) => countedJournal(journal, keys),
    sign: (text) => signWith(key, text, file),
  };
}

/**
 * Checks that a published run may become `latest` again, without new approvals, after a later run is withdrawn.
 * @param published runs in the record of publications
 * @throws AppError missing-input if the run is not among them, bad-data if its files differ, not-released if it was rejected or never
 * released
 */
export async function needPublished(
  place: { output: string; journal: Journal; keys: Keys; release: { approvals: number } },
  published: readonly PublishedRun[],
  run: string,
): Promise<void> {
  const found = published.findLast((one) => one.run === run);
  if (found === undefined) {
    throw new AppError(
      'missing-input',
      `run \`${run}\` is not published: a stop cannot publish it`,
      'Name a run that `basketwise runs` marks with + or *.',
    );
  }
  const folder = join(place.output, 'runs', run);
  const path = join(folder, 'manifest.json');
  const manifest = parseSealed((await ifThere(path, readFile(path, 'utf8'))) ?? '');
  if (manifest === undefined || sealOf(manifest) !== found.seal)
    throw new AppError('bad-data', `${path} is not the one that was published`, 'Name another run.');
  const { files, rejected } = await signaturesAt(place, run);
  if (rejected) throw refused(run, `it was rejected by ${rejected.who}: ${rejected.because}`);
  const approvals = approvalsAtRelease(place.journal, run, files);
  if (approvals === undefined) throw refused(run, 'the journal has no release of its present files');
  const { approvals: needed } = place.release;
  if (approvals < needed)
    throw refused(
      run,
      `its release has ${approvals} of the ${needed} approvals that \`release.approvals\` asks now`,
      'Approve it by more keys and release it again, or stop without --to. `basketwise journal verify` names approvals that do not count.',
    );
  await checkRun(folder);
}
