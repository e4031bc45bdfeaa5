import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { differences, latestName, type PublishedRun, readPublished } from '../../bench/scale/published-run.ts';
import { publishedNights } from '../../packages/pipeline/src/run/published-runs.ts';

/** Contents of a place after a scenario, as far as they must not differ from one time to the other. */
export interface Outcome {
  /** The run that `latest` points at; undefined where there is none. */
  published: PublishedRun | undefined;
  /** The published run of each date, with the seal of its manifest. */
  nights: readonly string[];
  /** All paths, those of folders with a `/` at their end. */
  paths: readonly string[];
  /** sha256 of the cluster models by path. */
  models: Readonly<Record<string, string>>;
  /** sha256 of the visible files of run folders and archives by path, after an erasure, which replaces files of published runs. Else null. */
  erasable: Readonly<Record<string, string>> | null;
}

/** All paths below a place, those of folders with a `/` at their end, relative to it. */
export function pathsIn(place: string): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(place, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      return entry.isDirectory() ? [`${path}/`, ...below(`${path}/`)] : [path];
    });
  return below('').sort();
}

/** Whether a file of a run folder or an archive is visible under its name: names of unfinished files begin with a dot, or end with `.unfinished`. */
const isErasable = (path: string) => /^out\/(runs|archives)\/(?!.*(\/\.|\.unfinished$)).*[^/]$/.test(path);

/** Reads an outcome. @param erases whether the scenario is an erasure @throws Error where `latest` points at a run that is not whole */
export async function outcomeOf(place: string, erases: boolean): Promise<Outcome> {
  const output = join(place, 'out');
  const published = erases || latestName(output) === undefined ? undefined : await readPublished(output);
  const nights = (await publishedNights(output)).map(({ run, seal }) => `${run} ${seal}`);
  const paths = pathsIn(place);
  const hashes = (isWanted: (path: string) => boolean) =>
    Object.fromEntries(paths.filter(isWanted).map((path) => [path, hashOf(readFileSync(join(place, path)))]));
  const models = hashes((path) => /^models\/.*[^/]$/.test(path));
  return { published, nights, paths, models, erasable: erases ? hashes(isErasable) : null };
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Whether two places publish the same, to the last byte. */
function isSamePublished(one: PublishedRun | undefined, other: PublishedRun | undefined): boolean {
  return one === undefined || other === undefined ? one === other : differences(one, other).length === 0;
}

/** Paths of the files that an erasure left otherwise in one place than in the other. */
function erasedOtherwise(one: Outcome, other: Outcome): string[] {
  const paths = new Set([...Object.keys(one.erasable ?? {}), ...Object.keys(other.erasable ?? {})]);
  return [...paths].filter((path) => one.erasable?.[path] !== other.erasable?.[path]);
}

/** Whether two places publish the same, tonight and before, and have the same customers erased. */
export function isSameOutput(one: Outcome, other: Outcome): boolean {
  const isSameNow = isSamePublished(one.published, other.published) && erasedOtherwise(one, other).length === 0;
  return isSameNow && one.nights.join() === other.nights.join();
}

/** Whether an erasure has replaced some files of a place and not others: each file is whole, the old or the new one. */
export function isPartlyErased(found: Outcome, { before, after }: { before: Outcome; after: Outcome }): boolean {
  if (found.erasable === null || found.nights.join() !== before.nights.join()) return false;
  const unlikeNew = new Set(erasedOtherwise(found, after));
  return erasedOtherwise(found, before).every((path) => !unlikeNew.has(path));
}

const some = (paths: readonly string[]) =>
  `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;

/** How an outcome differs from the one that it ought to be; nothing where it does not. */
export function outcomeDifferences(wanted: Outcome, found: Outcome): string[] {
  const changed = isSamePublished(wanted.published, found.published)
    ? []
    : [
        `published bytes differ: ${found.published && wanted.published ? differences(wanted.published, found.published).join(', ') : 'no run'}`,
      ];
  const left = found.paths.filter((path) => !wanted.paths.includes(path));
  const missing = wanted.paths.filter((path) => !found.paths.includes(path));
  const models = Object.keys(wanted.models).filter((path) => wanted.models[path] !== found.models[path]);
  return [
    ...changed,
    ...(wanted.nights.join() === found.nights.join() ? [] : [`published nights are ${found.nights.join(', ')}`]),
    ...(left.length > 0 ? [`left behind: ${some(left)}`] : []),
    ...(missing.length > 0 ? [`missing: ${some(missing)}`] : []),
    ...(models.length > 0 ? [`models differ: ${models.join(', ')}`] : []),
    ...erasedOtherwise(wanted, found).map((path) => `${path} differs`),
  ];
}

/** A path without what is another in each process. */
const nameOf = (path: string) =>
  path
    .replace(/\d+-\d+-\d+-[0-9a-f]{32}(\.[0-9a-f]{8})?/g, '#')
    .replace(/engine-\w{6}(?=\/|$)/, 'engine-#')
    .replace(/\.\d+-\d+$/, '.#');

/** Files that hold processes, times and messages. */
const isAboutTheProcess = (name: string) => /^(run\.json|\.lock|owner|run\.log)/.test(name);

/** A file's message to the next run; of `run.json` that is how the run ended. */
function meaningOf(name: string, bytes: Buffer): string {
  if (!isAboutTheProcess(name)) return hashOf(bytes);
  if (name.startsWith('run.log')) return 'log';
  try {
    const { status, endedAt } = JSON.parse(bytes.toString()) as { status?: string; endedAt?: string | null };
    return `${status} ${typeof endedAt}`;
  } catch {
    return bytes.length === 0 ? 'empty' : 'a part';
  }
}

/** All that a run could find in a place, but for processes and times: two places with the same key are the same to it. */
export function stateKey(place: string): string {
  const lines = pathsIn(place).map((path) => {
    const found = lstatSync(join(place, path));
    const content = found.isSymbolicLink()
      ? readlinkSync(join(place, path))
      : found.isFile()
        ? `${found.nlink} ${meaningOf(basename(path), readFileSync(join(place, path)))}`
        : '';
    return `${nameOf(path)} ${content}`;
  });
  return lines.sort().join('\n');
}
