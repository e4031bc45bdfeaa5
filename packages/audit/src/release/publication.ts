import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendEntry,
  type JournalEntry,
  latestRun,
  needNoStop,
  type PublishedRun,
  publishedRuns,
  publishedToPrefix,
  recordedRuns,
  type Settings,
  stopOf,
  switchLatest,
  systemUser,
  type TargetChange,
  takeBack,
  targets,
  wholeRun,
} from '@basketwise/pipeline';

import { checkRun } from '../archive/check-run.ts';
import { needMaker } from './approve.ts';
import {
  applyStop,
  type JournalSession,
  keysOf,
  needPublished,
  type Signer,
  signEntry,
  withAnyJournal,
  withJournal,
} from './journal-session.ts';
import { keyFor } from './keys.ts';

import { isApprovedRelease, refused, signaturesAt } from './run-signatures.ts';

/** State of publication after a release, a stop or a resume. */
export interface Publication {
  /** Name of the run at which `latest` points; null if `latest` is absent. */
  latest: string | null;
  stopped: boolean;
  /** Changes of rows on servers: replaced or removed. */
  servers: readonly TargetChange[];
  /** Places on servers with published rows that this config does not name. Their rows were not changed. */
  elsewhere: readonly string[];
}

/**
 * Publishes an approved run: writes it to the servers of the config, then points `latest` at it. A killed release can be repeated.
 * @throws AppError not-released if approvals are missing, the run was rejected, or publication is stopped; bad-data if a file differs
 */
export function releaseRun(
  settings: Settings,
  run: string,
  { as, key: file }: Signer,
  signal: AbortSignal,
): Promise<Publication> {
  return withJournal(settings, async (session) => {
    const { output, release, keys, journal, lock } = session;
    needNoStop(journal);
    const name = await wholeRun(output, run);
    const key = keyFor(keys, 'release', as);
    const signatures = await signaturesAt(session, name);
    const { files, approvals, rejected } = signatures;
    needMaker(name, signatures);
    if (rejected) throw refused(name, `it was rejected by ${rejected.who}: ${rejected.because}`);
    if (approvals.length < release.approvals) throw refused(name, lacking(approvals, release.approvals));
    await recordedRuns(output); // a damaged record ends the command before a person signs
    await checkRun(join(output, 'runs', name));
    const before = journal.entries.findLastIndex(({ what }) => what === 'release' || what === 'stop');
    const isEntered = isReleaseOf(journal.entries[before], name, files);
    if (!isEntered || !isApprovedRelease(journal, before, name, release.approvals))
      await signEntry(session, key, { what: 'release', run: name, files }, file);
    // Other commands may have worked while a person signed.
    const { files: present } = await signaturesAt(session, await wholeRun(output, name));
    if (JSON.stringify(present) !== JSON.stringify(files))
      throw refused(name, 'its files changed while it was signed', 'Approve it again.');
    const published = await recordedRuns(output);
    const servers = (await (await serversOf(session))?.publishFinished(settings, name, signal)) ?? [];
    // Releasing an earlier published run again withdraws the runs that were published after it.
    const at = published.runs.findLastIndex((one) => one.run === name);
    const left = at < 0 ? [...published.runs, publishedAs(name)] : published.runs.slice(0, at + 1);
    const since = published.isCut ? oldestOf(published.runs) : '';
    const followed = await followOn(session, { runs: left, known: published.runs, since }, signal);
    await lock.check();
    if (at < 0) await switchLatest(output, name);
    else await takeBack(output, name);
    return publicationOf(session, false, [...servers, ...followed]);
  });
}

const publishedAs = (run: string): PublishedRun => ({ run, date: run.slice(0, 10) as PublishedRun['date'], seal: '' });

/** Oldest reference date of some runs. Without runs: a text that sorts after all dates. */
const oldestOf = (runs: readonly PublishedRun[]) => runs.map(({ date }) => date).sort()[0] ?? '9999';

/**
 * Changes the rows on servers so that they are exactly the rows of the published runs. Checks each run before it is written.
 * @param known published runs, with their seals
 */
async function followOn(
  session: JournalSession,
  { runs, known, since }: { runs: readonly PublishedRun[]; known: readonly PublishedRun[]; since: string },
  signal: AbortSignal,
): Promise<TargetChange[]> {
  // Hashes the files of a run once for all servers.
  const checks = new Map<string, Promise<void>>();
  const check = (run: string) => {
    const started = checks.get(run) ?? needPublished(session, known, run);
    checks.set(run, started);
    return started;
  };
  return (await (await serversOf(session))?.followPublished(session.settings, { runs, since, check }, signal)) ?? [];
}

/** Changes the rows on servers so that they are exactly the rows of the runs that stay published after a stop. */
async function followStop(session: JournalSession, stops: readonly JournalEntry[], signal: AbortSignal): Promise<TargetChange[]> {
  const { runs, isCut } = await recordedRuns(session.output);
  const taken = stops.flatMap((stop) => stop.runs ?? []).map(publishedAs);
  return followOn(session, { runs, known: runs, since: isCut ? oldestOf([...runs, ...taken]) : '' }, signal);
}

/** Journal entries of the stops since the last `resume`. */
function stopsOf({ entries }: JournalSession['journal']): JournalEntry[] {
  return entries.slice(entries.findLastIndex(({ what }) => what === 'resume') + 1).filter(({ what }) => what === 'stop');
}

const lacking = (approvals: readonly string[], needed: number) =>
  `it has ${approvals.length} of ${needed} approvals${approvals.length > 0 ? ` (${approvals.join(', ')})` : ''}`;

function isReleaseOf(entry: JournalEntry | undefined, run: string, files: Readonly<Record<string, string>>): boolean {
  return entry?.what === 'release' && entry.run === run && JSON.stringify(entry.files) === JSON.stringify(files);
}

export interface StopOptions extends Signer {
  because: string;
  /** Earlier published run that becomes `latest` again. Absent: no run stays published. */
  to?: string | undefined;
}

/**
 * Stops publication: blocks releases and runs until `resume`.
 * Points `latest` at an earlier run, or removes `latest`, and changes the rows on servers accordingly.
 * The journal gets its entry first, so that the next command can finish a killed stop.
 * @throws AppError missing-input if the run is not published; errors of the servers
 */
export function stopPublication(settings: Settings, options: StopOptions, signal: AbortSignal): Promise<Publication> {
  const { to } = options;
  // A stop without a fallback run works even if the journal has invalid signatures, because it is an emergency.
  return (to === undefined ? withAnyJournal : withJournal)(settings, async (session) => {
    const { output, journal } = session;
    const stops = stopsOf(journal);
    const stop = stops.at(-1);
    if (stop === undefined || stop.run !== to) {
      if (to !== undefined) await needPublished(session, (await recordedRuns(output)).runs, to);
      const published = (await publishedRuns(output)).map(({ run }) => run);
      const at = to === undefined ? 0 : published.lastIndexOf(to) + 1;
      const taken = new Set(published.slice(at).filter((run) => run !== to));
      stops.push(await enterStop(session, options, [...taken]));
    }
    await applyStop(session, to);
    return publicationOf(session, true, await followStop(session, stops, signal));
  });
}

async function enterStop(
  session: JournalSession,
  { because, to, as, key: file }: StopOptions,
  taken: string[],
): Promise<JournalEntry> {
  const entry = { what: 'stop' as const, run: to, because, runs: taken };
  if (as !== undefined) {
    const keys = await keysOf(session.settings);
    return signEntry({ ...session, keys }, keyFor(keys, 'stop', as), entry, file);
  }
  return appendEntry(session.output, { who: systemUser(), ...entry, roles: session.keys.rolesHash });
}

/**
 * Ends a stop. Publishes nothing. Before that, changes the rows on servers that the stop did not reach.
 * @throws AppError not-released if the key may not end a stop; errors of the servers
 */
export function resumePublication(
  settings: Settings,
  because: string | undefined,
  { as, key: file }: Signer,
  signal: AbortSignal,
): Promise<Publication> {
  return withJournal(settings, async (session) => {
    const key = keyFor(session.keys, 'resume', as);
    if (stopOf(session.journal) === undefined) return publicationOf(session, false, []);
    const servers = await followStop(session, stopsOf(session.journal), signal);
    await signEntry(session, key, { what: 'resume', because }, file);
    return publicationOf(session, false, servers);
  });
}

async function publicationOf(session: JournalSession, stopped: boolean, servers: readonly TargetChange[]): Promise<Publication> {
  const latest = (await latestRun(session.output)) ?? null;
  const elsewhere = (await (await serversOf(session))?.placesElsewhere(session.settings)) ?? [];
  return { latest, stopped, servers, elsewhere };
}

/** Text on the state of publication for the terminal. */
export function publicationText({ latest, stopped, servers, elsewhere }: Publication): string {
  return [
    `latest is ${latest ?? 'none'}${stopped ? '; publication is stopped until `basketwise resume`' : ''}`,
    ...servers.map(changeText),
    ...elsewhere.map((place) => `not reached by this config: ${place}`),
    '',
  ].join('\n');
}

function changeText({ target, date, run, problem }: TargetChange): string {
  if (run !== null) return `${target}: ${date} is of ${run}`;
  return `${target}: ${date} has no rows${problem === undefined ? '' : `: ${problem}`}`;
}

/**
 * Loads the functions that change rows on servers, and with them the database engines.
 * Returns undefined if this config has no server, and no run in the output folder was ever published to a server.
 */
async function serversOf({ settings, output }: { settings: Settings; output: string }) {
  const { output: own } = settings.config;
  const hasRows =
    targets.some((target) => own[target] !== undefined) ||
    (await readdir(output)).some((name) => name.startsWith(publishedToPrefix));
  return hasRows ? await import('@basketwise/pipeline') : undefined;
}
