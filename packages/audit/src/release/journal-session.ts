import { AppError } from '@basketwise/core/error';
import {
  appendEntry,
  type Config,
  finishJournal,
  type Journal,
  type JournalEntry,
  type Lock,
  latestRun,
  recordedRuns,
  type Settings,
  settingsPath,
  stopOf,
  succeeds,
  takeBack,
  takeOutput,
} from '@basketwise/pipeline/base';
import { type Key, type Keys, readKeys, signWith } from './keys.ts';
import { needPublished } from './published-again.ts';
import { countedJournal } from './run-signatures.ts';

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

/** Section `release` of a config, and its keys. @throws AppError config if the section is absent; also the errors of `readKeys` */
export async function releaseOf(settings: Settings): Promise<Pick<JournalSession, 'release' | 'keys'>> {
  const { release } = settings.config;
  if (release === undefined)
    throw new AppError(
      'config',
      'the config has no `release`: runs are published without approvals',
      'docs/release.md says how to begin.',
    );
  return { release, keys: await readKeys(settingsPath(settings, release.keys)) };
}

/**
 * Like `withJournal`, for work that publishes nothing: does not check signatures, and does not finish an earlier stop.
 * @throws AppError locked while a run is at work, bad-data for a damaged journal; also the errors of `releaseOf`
 */
export async function withAnyJournal<T>(settings: Settings, work: (session: JournalSession) => Promise<T>): Promise<T> {
  const known = await releaseOf(settings);
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  try {
    return await work({ settings, output, journal: await finishJournal(output), lock, ...known });
  } finally {
    await lock.release();
  }
}

/**
 * Does `work` while it holds the lock of the output folder. If a killed command left a stop unfinished, finishes the stop first.
 * @throws AppError locked while a run is at work, bad-data for a damaged or forged journal; also the errors of `releaseOf`
 */
export function withJournal<T>(settings: Settings, work: (session: JournalSession) => Promise<T>): Promise<T> {
  return withAnyJournal(settings, async (any) => {
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
 * Signs an entry with a key and appends it to the journal.
 * @throws AppError locked if the lock was lost during the signing; also the errors of `signWith`
 */
export function signEntry(
  { output, keys, lock }: JournalSession,
  key: Key,
  entry: Pick<JournalEntry, 'what' | 'run' | 'files' | 'because' | 'runs'>,
  file?: string,
): Promise<JournalEntry> {
  return appendEntry(output, { who: key.name, ...entry, roles: keys.rolesHash }, async (text) => {
    const signature = await signWith(key, text, file);
    await lock.check();
    return signature;
  });
}
