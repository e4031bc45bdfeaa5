import { lstat, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PlainDate } from '@basketwise/core';
import { AppError } from '@basketwise/core/base';
import {
  ifThere,
  listOf,
  nullable,
  objectOf,
  oneOf,
  optional,
  readShaped,
  textShape,
  type ValueOf,
  writeWhole,
} from '@basketwise/data/base';
import { compareRunNames, runFolders } from './attempts.ts';
import { readSealed, sealOf } from './seal.ts';

/** Run that was published: `latest` pointed at it. */
export interface PublishedRun {
  run: string;
  /** Reference date of the run. */
  date: PlainDate;
  /** Seal (sha256) of the run's manifest. If the run is repeated with other results, its name stays and its seal changes. */
  seal: string;
}

/** File of an output folder that records the published runs. */
const publishedFile = 'published.json';

/** Number of the newest published runs that the record always contains, even if their folders were removed. */
const rememberedRuns = 1000;

const runEntry = objectOf({ run: textShape, seal: textShape });
type Entry = ValueOf<typeof runEntry>;

/**
 * Content of `published.json`: published runs in the order of their publication. `latest` should point at the last of `runs`.
 * `before` is the list before the last change. `isCut`: older published runs are not in the record. `journal`: sha256 of a journal line that must
 * still be in the journal. The file is written before
 * the link is switched, and the link decides. If the process is killed in between, nothing is published.
 */
const record = objectOf({
  version: oneOf(1),
  isCut: optional(oneOf(true)),
  journal: optional(textShape),
  runs: listOf(runEntry),
  before: listOf(runEntry),
  seal: textShape,
});

/** Start and end of a run in its run.json. */
const runTimes = objectOf({ startedAt: textShape, endedAt: nullable(textShape) });

/** Name of the run that `latest` points at; undefined if there is no such link. */
export async function latestRun(output: string): Promise<string | undefined> {
  const latest = join(output, 'latest');
  const target = await ifThere(latest, readlink(latest));
  return target === undefined ? undefined : basename(target);
}

/** End of a run as an ISO time, or its start if it has not ended. Empty if run.json has no time; such a run counts as the oldest. */
export async function endOfRun(output: string, run: string): Promise<string> {
  const times = await readShaped(join(output, 'runs', run, 'run.json'), runTimes);
  return times?.endedAt ?? times?.startedAt ?? '';
}

/**
 * Published run of each reference date, ascending by date: the run that became `latest` last. Rolled-back runs, and runs of only
 * some campaigns, do not count. `output.keep` may have removed the folder of a run.
 * @param warn called if the record is damaged
 */
export async function publishedNights(output: string, warn?: (problem: string) => void): Promise<PublishedRun[]> {
  const ofDate = new Map((await publishedRuns(output, warn)).map((one) => [one.date, one]));
  return [...ofDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** Key of published runs, for stages that read these runs. Equal keys mean equal published results. */
export function keyOfNights(nights: readonly PublishedRun[]): string {
  return JSON.stringify(nights.map(({ run, seal }) => [run, seal]));
}

/** All published runs in the order of their publication. A run occurs once for each of its publications. */
export async function publishedRuns(output: string, warn?: (problem: string) => void): Promise<PublishedRun[]> {
  const latest = await latestRun(output);
  const known = await readRunRecord(output, warn);
  const entries = known ? await pointedAt(output, known, latest) : await endedUntil(output, latest);
  return entries.map(publishedRun);
}

const publishedRun = ({ run, seal }: Entry): PublishedRun => ({ run, date: run.slice(0, 10) as PlainDate, seal });

/** Published runs according to the record alone. */
export interface RecordedRuns {
  /** Runs in the order of their publication. */
  runs: readonly PublishedRun[];
  /** Whether older runs were published that the record lacks. */
  isCut: boolean;
}

/**
 * Reads the published runs from the record.
 * @throws AppError bad-data if the record is damaged, or missing although `latest` exists
 */
export async function recordedRuns(output: string): Promise<RecordedRuns> {
  const latest = await latestRun(output);
  const path = join(output, publishedFile);
  const known = await readRunRecord(output);
  if (known !== undefined)
    return { runs: (await pointedAt(output, known, latest)).map(publishedRun), isCut: known.isCut === true };
  if (latest === undefined) return { runs: [], isCut: (await ifThere(path, lstat(path))) !== undefined };
  throw new AppError(
    'bad-data',
    `${path} is missing, damaged or of another version: published runs are unknown`,
    'Restore it from a copy; or `basketwise stop` without `--to` takes all lists back, and begins a new one.',
  );
}

/**
 * Records a change of `latest` before the link changes: a publication, a rollback, or the removal of the link.
 * @param run null: no run is published any longer
 * @throws AppError cannot-write
 */
export async function recordPublished(output: string, run: string | null, how: 'published' | 'rolled back'): Promise<void> {
  const before = (await publishedRuns(output)).map(({ run: name, seal }) => ({ run: name, seal }));
  const runs = run === null ? [] : await publishedWith(output, before, run, how);
  const folders = new Set(await runFolders(output));
  const remembered = (entries: readonly Entry[]) =>
    entries.filter((one, i) => i >= entries.length - rememberedRuns || folders.has(one.run));
  const isCut = runs.length > 0 && (remembered(runs).length < runs.length || (await wasCut(output, before)));
  const journal = await notedJournal(output);
  await writeRecord(output, {
    version: 1,
    ...(isCut && { isCut }),
    ...(journal !== undefined && { journal }),
    ...{ runs: remembered(runs), before: remembered(before) },
  });
}

async function writeRecord(output: string, content: Omit<ValueOf<typeof record>, 'seal'>): Promise<void> {
  // The unfinished file has a fixed name. If a process is killed, the next process overwrites its unfinished file.
  await writeWhole(
    join(output, publishedFile),
    `${JSON.stringify({ ...content, seal: sealOf(content) }, null, 1)}\n`,
    'unfinished',
  );
}

/** sha256 of a line that the journal must have, by the record of publications. Undefined if there is none. */
export async function notedJournal(output: string): Promise<string | undefined> {
  return (await readRunRecord(output))?.journal;
}

/**
 * Notes a line of the journal in the record of publications, so that a removed journal is missed.
 * A record that is damaged, or missing although `latest` exists, is not begun anew.
 * @param journal sha256 of the line
 */
export async function noteJournal(output: string, journal: string): Promise<void> {
  const path = join(output, publishedFile);
  const isNew = (await latestRun(output)) === undefined && (await ifThere(path, lstat(path))) === undefined;
  const known = isNew ? { version: 1 as const, runs: [], before: [], seal: '' } : await readRunRecord(output);
  if (known === undefined) return;
  const { seal: _, runs, before, ...rest } = known;
  await writeRecord(output, { ...rest, journal, runs, before });
}

/** Whether the record lacks older published runs. Without a valid record, only runs with a folder are known. */
async function wasCut(output: string, before: readonly Entry[]): Promise<boolean> {
  const known = await readRunRecord(output);
  // records of older versions lack `isCut`
  return known === undefined ? before.length > 0 : known.isCut === true || before.length >= rememberedRuns;
}

async function publishedWith(output: string, before: Entry[], run: string, how: 'published' | 'rolled back'): Promise<Entry[]> {
  // If the run's manifest was damaged after its publication, the run keeps its recorded seal.
  const known = before.findLast((one) => one.run === run)?.seal ?? '';
  const next = { run, seal: (await manifestSeal(output, run)) || known };
  if (how === 'rolled back') return rolledBack(before, next);
  return [...(before.at(-1)?.run === run ? before.slice(0, -1) : before), next];
}

/**
 * Path of the record, or of its unfinished form, if Basketwise did not write it. A damaged record beside a folder `runs` counts
 * as written by Basketwise.
 */
export async function alienRecord(output: string): Promise<string | undefined> {
  const path = join(output, publishedFile);
  for (const name of [path, `${path}.unfinished`]) {
    const found = await lstat(name).catch(() => undefined);
    if (found !== undefined && !found.isFile()) return name;
  }
  const isOurs = (await lstat(join(output, 'runs')).catch(() => undefined)) !== undefined;
  return isOurs || (await ifThere(path, lstat(path))) === undefined || (await readSealed(path)) !== undefined ? undefined : path;
}

async function readRunRecord(
  output: string,
  warn: (problem: string) => void = () => {},
): Promise<ValueOf<typeof record> | undefined> {
  const path = join(output, publishedFile);
  const warnOf = (problem: string) => warn(`${problem}: runs count in the order in which they ended, up to \`latest\``);
  const found = await readShaped(path, record, warnOf);
  if (found === undefined || (await readSealed(path)) !== undefined) return found;
  warnOf(`${publishedFile} is damaged`);
  return undefined;
}

/** Published runs by the record and `latest`. If they contradict each other, `latest` decides, because a person may have changed the link. */
async function pointedAt(
  output: string,
  { runs, before }: ValueOf<typeof record>,
  latest: string | undefined,
): Promise<readonly Entry[]> {
  if (runs.at(-1)?.run === latest) return runs;
  if (latest === undefined || before.at(-1)?.run === latest) return before;
  return rolledBack(before, { run: latest, seal: await manifestSeal(output, latest) });
}

/** Published runs after a rollback: the target run, and the runs published before it. */
function rolledBack(entries: readonly Entry[], to: Entry): Entry[] {
  const at = entries.findLastIndex(({ run }) => run === to.run);
  return at < 0 ? [...entries, to] : [...entries.slice(0, at), to];
}

/** Published runs of an output folder without a record: the successful runs that ended no later than the run of `latest`. That run comes last. */
async function endedUntil(output: string, latest: string | undefined): Promise<Entry[]> {
  if (latest === undefined) return [];
  const last = await endOfRun(output, latest);
  const found: (Entry & { ended: string })[] = [];
  for (const run of (await runFolders(output)).sort(compareRunNames)) {
    const manifest = await readRunManifest(output, run);
    const ended = await endOfRun(output, run);
    if (run === latest || manifest === undefined || manifest.aside === true || (last !== '' && ended > last)) continue;
    found.push({ run, seal: sealOf(manifest), ended });
  }
  found.sort((a, b) => (a.ended < b.ended ? -1 : a.ended > b.ended ? 1 : 0));
  return [...found, { run: latest, seal: await manifestSeal(output, latest) }];
}

/** Manifest of a successful run. Undefined if it is absent or damaged. */
export function readRunManifest(output: string, run: string): Promise<{ aside?: unknown } | undefined> {
  return readSealed<{ aside?: unknown }>(join(output, 'runs', run, 'manifest.json'));
}

async function manifestSeal(output: string, run: string): Promise<string> {
  const manifest = await readRunManifest(output, run);
  return manifest === undefined ? '' : sealOf(manifest);
}

/** Whether a run has only some campaigns, according to its manifest. */
export async function isAside(output: string, run: string): Promise<boolean> {
  return (await readRunManifest(output, run))?.aside === true;
}
