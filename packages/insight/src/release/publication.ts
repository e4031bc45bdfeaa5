import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core';
import type { Settings } from '@basketwise/pipeline';
import {
  appendEntry,
  followPublished,
  ifThere,
  type JournalEntry,
  needNotStopped,
  parseSealed,
  placesElsewhere,
  publishedRuns,
  publishFinished,
  sealOf,
  stopOf,
  switchLatest,
  systemUser,
  type TargetChange,
  takeBack,
  wholeRun,
} from '@basketwise/pipeline/parts';
import { checkRun } from '../archive/check-run.ts';
import { needMaker, refused } from './approve.ts';
import { applyStop, type JournalSession, ordered, type Signer, signaturesAt, signEntry, withJournal } from './journal-session.ts';
import { keyFor } from './keys.ts';

/** Publication after a release, a stop or a resume. */
export interface Publication {
  /** The run that `latest` points at; null without one. */
  latest: string | null;
  stopped: boolean;
  /** Rows of servers that were replaced or taken back. */
  servers: readonly TargetChange[];
  /** Places on servers that this config does not reach. */
  elsewhere: readonly string[];
}

/**
 * Publishes a run that has its approvals: to the servers of the config, then as `latest`. A killed release is repeated.
 * @throws AppError not-released without approvals, for a rejected run, or while publication is stopped; bad-data if a file of it differs
 */
export function releaseRun(
  settings: Settings,
  run: string,
  { as, key: file }: Signer,
  signal: AbortSignal,
): Promise<Publication> {
  return withJournal(settings, async (session) => {
    const { output, release, keys, journal } = session;
    await needNotStopped(output);
    const name = await wholeRun(output, run);
    const key = keyFor(keys, ['run', 'approve'], as);
    const signatures = await signaturesAt(session, name);
    const { files, approvals, rejected } = signatures;
    needMaker(name, signatures);
    if (rejected) throw refused(name, `it was rejected by ${rejected.who}: ${rejected.because}`);
    if (approvals.length < release.approvals) throw refused(name, lacking(approvals, release.approvals));
    await checkRun(join(output, 'runs', name));
    const before = journal.entries.findLast(({ what }) => what === 'release' || what === 'stop');
    if (!isReleaseOf(before, name, files)) await signEntry(session, key, { what: 'release', run: name, files }, file);
    const servers = await publishFinished(settings, name, signal);
    const published = (await publishedRuns(output)).map((one) => one.run);
    // an earlier run that is released again takes back those after it
    if (published.includes(name)) await takeBack(output, name);
    else await switchLatest(output, name);
    return publicationOf(session, name, false, [...servers, ...(await followPublished(settings, signal))]);
  });
}

const lacking = (approvals: readonly string[], needed: number) =>
  `it has ${approvals.length} of ${needed} approvals${approvals.length > 0 ? ` (${approvals.join(', ')})` : ''}`;

function isReleaseOf(entry: JournalEntry | undefined, run: string, files: Readonly<Record<string, string>>): boolean {
  return entry?.what === 'release' && entry.run === run && JSON.stringify(entry.files) === JSON.stringify(files);
}

/** A stop. */
export interface StopOptions extends Signer {
  because: string;
  /** An earlier published run to fall back to; absent: no run stays published. */
  to?: string | undefined;
}

/**
 * Stops publication: takes `latest` and the rows of servers back to an earlier run, or to none, and blocks releases and runs until
 * `resume`. The journal has the stop first, so that a killed one is finished by the next command.
 * @throws AppError missing-input if the run is not published, and as the targets
 */
export function stopPublication(settings: Settings, options: StopOptions, signal: AbortSignal): Promise<Publication> {
  return withJournal(settings, async (session) => {
    const { output, journal } = session;
    const { to } = options;
    const published = (await publishedRuns(output)).map(({ run }) => run);
    const stop = stopOf(journal);
    if (stop === undefined || stop.run !== to) {
      if (to !== undefined) await needPublished(output, to);
      const taken = [...new Set(published.slice(to === undefined ? 0 : published.lastIndexOf(to) + 1))].filter(
        (run) => run !== to,
      );
      await enterStop(session, options, taken);
    }
    await applyStop(output, {
      ...journal,
      entries: [{ at: '', who: '', what: 'stop', after: '', ...(to !== undefined && { run: to }) }],
    });
    return publicationOf(session, to ?? null, true, await followPublished(settings, signal));
  });
}

/** @throws AppError missing-input if a run is not published, bad-data if its bytes are not those that were */
async function needPublished(output: string, run: string): Promise<void> {
  const published = (await publishedRuns(output)).findLast((one) => one.run === run);
  if (published === undefined) {
    throw new AppError(
      'missing-input',
      `run \`${run}\` is not published: a stop cannot publish it`,
      'Name a run that `basketwise runs` marks with + or *.',
    );
  }
  const path = join(output, 'runs', run, 'manifest.json');
  const manifest = parseSealed((await ifThere(path, readFile(path, 'utf8'))) ?? '');
  if (manifest === undefined || sealOf(manifest) !== published.seal)
    throw new AppError('bad-data', `${path} is not the one that was published`, 'Name another run.');
  await checkRun(join(output, 'runs', run));
}

async function enterStop(
  session: JournalSession,
  { because, to, as, key: file }: StopOptions,
  taken: readonly string[],
): Promise<void> {
  const entry = { what: 'stop' as const, run: to, because, runs: [...taken].slice(-100) };
  if (as === undefined)
    await appendEntry(session.output, ordered({ who: systemUser(), ...entry, roles: session.keys.rolesHash }));
  else await signEntry(session, keyFor(session.keys, ['run', 'approve', 'resume'], as), entry, file);
}

/** Ends a stop; publishes nothing. @throws AppError not-released by a key that may not */
export function resumePublication(
  settings: Settings,
  because: string | undefined,
  { as, key: file }: Signer,
): Promise<Publication> {
  return withJournal(settings, async (session) => {
    const key = keyFor(session.keys, ['resume'], as);
    if (stopOf(session.journal) !== undefined) await signEntry(session, key, { what: 'resume', because }, file);
    const latest = (await publishedRuns(session.output)).at(-1)?.run ?? null;
    return publicationOf(session, latest, false, []);
  });
}

async function publicationOf(
  { settings }: JournalSession,
  latest: string | null,
  stopped: boolean,
  servers: readonly TargetChange[],
): Promise<Publication> {
  return { latest, stopped, servers, elsewhere: await placesElsewhere(settings) };
}

/** A publication for the terminal. */
export function publicationText({ latest, stopped, servers, elsewhere }: Publication): string {
  return [
    `latest is ${latest ?? 'none'}${stopped ? '; publication is stopped until `basketwise resume`' : ''}`,
    ...servers.map(({ target, date, run }) => `${target}: ${date} ${run === null ? 'has no rows' : `is of ${run}`}`),
    ...elsewhere.map((place) => `not reached by this config: ${place}`),
    '',
  ].join('\n');
}
