import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type Config, type Settings, settingsPath } from '@basketwise/pipeline';
import {
  appendEntry,
  finishJournal,
  type Journal,
  type JournalEntry,
  latestRun,
  readSealed,
  stopOf,
  takeBack,
  takeOutput,
} from '@basketwise/pipeline/parts';
import { type Key, type Keys, readKeys, signWith } from './keys.ts';
import { checkSignatures, type RunSignatures, signaturesOf, signedFilesOf } from './run-signatures.ts';

/** A config with `release`, its keys, and its journal, while the lock of the output folder is held. */
export interface JournalSession {
  settings: Settings;
  release: NonNullable<Config['release']>;
  output: string;
  keys: Keys;
  journal: Journal;
}

/** Signer of an action. */
export interface Signer {
  /** Name of a key. */
  as?: string | undefined;
  /** File of its private key, in place of that of the file of keys. */
  key?: string | undefined;
}

/** `release` of a config, and its keys. @throws AppError config without it, and as `readKeys` */
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
 * Does a work with the lock of the output folder. A stop that a killed command left half done is done first.
 * @throws AppError locked while a run is at work, bad-data for a damaged or forged journal, and as `releaseOf`
 */
export async function withJournal<T>(settings: Settings, work: (session: JournalSession) => Promise<T>): Promise<T> {
  const known = await releaseOf(settings);
  const output = settingsPath(settings, settings.config.output.dir);
  const lock = await takeOutput(output);
  try {
    const journal = await finishJournal(output);
    checkSignatures(journal, known.keys);
    await applyStop(output, journal);
    return await work({ settings, output, journal, ...known });
  } finally {
    await lock.release();
  }
}

/** Points `latest` to the run of a stop that holds, or to none. */
export async function applyStop(output: string, journal: Journal): Promise<void> {
  const stop = stopOf(journal);
  if (stop === undefined) return;
  const latest = await latestRun(output);
  const isThere = stop.run !== undefined && (await readSealed(join(output, 'runs', stop.run, 'manifest.json'))) !== undefined;
  const wanted = isThere ? stop.run! : null;
  if ((latest ?? null) !== wanted) await takeBack(output, wanted);
}

/** Appends an entry, signed by a key. */
export function signEntry(
  { output, keys }: JournalSession,
  key: Key,
  entry: Pick<JournalEntry, 'what' | 'run' | 'files' | 'because' | 'runs'>,
  file?: string,
): Promise<JournalEntry> {
  const whole = { who: key.name, ...entry, roles: keys.rolesHash };
  return appendEntry(output, ordered(whole), (text) => signWith(key, text, file));
}

/** Entry without undefined keys. */
export function ordered<T extends object>(entry: T): T {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as T;
}

/** Signed files of a run, and signatures on them. */
export async function signaturesAt(
  session: JournalSession,
  run: string,
): Promise<RunSignatures & { files: Record<string, string> }> {
  const files = await signedFilesOf(join(session.output, 'runs', run));
  return { files, ...signaturesOf(session.journal, session.keys, run, files) };
}
