import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { keptModelFile } from '@basketwise/clusters';
import { AppError } from '@basketwise/core/base';
import { sqlWords } from '@basketwise/data';
import { ifThere, resolveLinks } from '@basketwise/data/base';
import { sqlOf } from '../config/config-sql.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import { pathText } from '../config/problems.ts';
import { driverOf } from '../drivers/drivers.ts';
import { isPattern } from './input-files.ts';

/** Path in a config, with its key. */
interface NamedPath {
  key: string;
  path: string;
  /** Whether the beginning of an existing file looks as if a run has written it. Absent: the file is not checked. */
  isOurs?: (text: string) => boolean;
}

/** Path with its location in the file system. */
interface Located extends NamedPath {
  /** Path after all links are followed. */
  real: string;
  /** Device and inode of the file, which are equal for all hard links to it. Undefined if there is no file. */
  node: string | undefined;
  /** Whether the file has more than one hard link. */
  hasLinks: boolean;
}

/** Pattern of the names in output.dir that commands write, in lower case. */
const ownNames =
  /^(runs|latest|latest\.unfinished|archives|published(-to-\w+)?\.json(\.unfinished)?|journal\.jsonl|journal-head\.json(\.unfinished)?|\.lock.*|\.spill-.*|index\.html|profile\.html|validation\.(json|html)|validation-card\.md|outcomes\.parquet|evaluation\.(json|md)|tune\.(json|md|html|yaml)|tune-trials\.json)$/;

const isJson = (text: string) => text.startsWith('{');

/** All files outside output.dir that a command can write or append to. */
function writtenFiles({ config }: Settings): NamedPath[] {
  const { output, log, clusters } = config;
  const named: [string, string | null | undefined, NamedPath['isOurs']][] = [
    ['output.results', output.results, isJson],
    ['output.metrics', output.metrics, (text) => text.includes('# HELP basketwise_')],
    ['output.lineage.file', output.lineage?.file, isJson],
    ['log.file', log.file, isJson],
  ];
  const models = Object.entries(clusters).map(([scheme, how]) => ({
    key: `clusters.${scheme}.model`,
    path: keptModelFile(scheme, how),
  }));
  return [...named.flatMap(([key, path, isOurs]) => (path == null ? [] : [{ key, path, isOurs: isOurs! }])), ...models];
}

/** Files that a command reads besides tables: the config, the certificates that it names, and the file of keys. */
function readFiles({ file, config: { source, output, release } }: Settings): NamedPath[] {
  const servers = Object.entries({
    'source.hive': source.hive,
    'source.spark': source.spark,
    'source.postgres': source.postgres,
  });
  const authorities = [...servers, ['output.postgres', output.postgres] as const].flatMap(([key, server]) =>
    server?.tls?.ca === undefined ? [] : [{ key: `${key}.tls.ca`, path: server.tls.ca }],
  );
  const keys = release === undefined ? [] : [{ key: 'release.keys', path: release.keys }];
  return [{ key: 'the config', path: file }, ...authorities, ...keys];
}

/**
 * Compares every path that a command writes with the files of tables, the config, certificates, runs and all other written paths. Links are followed.
 * Call it before anything is written.
 * @throws AppError config, naming both keys, if one file has two purposes; also if a written path has a file that no run has written
 */
export async function checkWritten(settings: Settings): Promise<void> {
  const absolute = (named: NamedPath) => locate({ ...named, path: settingsPath(settings, named.path) });
  const output = await absolute({ key: 'output.dir', path: settings.config.output.dir });
  const written = await Promise.all(writtenFiles(settings).map(absolute));
  for (const [i, one] of written.entries()) {
    await refuseOwn(one, output);
    for (const other of written.slice(0, i)) if (collide(one, other)) throw refusedPath(one, `it is ${other.key}, too`);
  }
  const tables = await locatedTables(settings, written);
  for (const read of tables) {
    const hit = written.find(({ real }) => read.pattern?.test(real));
    if (hit) throw refusedPath(hit, `${read.key} names it, and it would be overwritten`);
  }
  const files = tables.filter(({ pattern }) => pattern === undefined);
  for (const read of [...(await Promise.all(readFiles(settings).map(absolute))), ...files]) {
    if (read.key === 'source.path' && read.node === undefined) continue;
    for (const one of written)
      if (collide(one, read)) throw refusedPath(one, `${read.key} names it, and it would be overwritten`);
    if (read.real === output.real || isBelowFolder(output.real, read.real))
      throw refusedPath(output, `${read.key} names this file`);
    const inside = partBelow(read.real, output.real);
    const isRun = inside !== undefined && /^(runs|latest)$/.test(inside);
    if (inside !== undefined && ownNames.test(inside) && !(isRun && tables.some((table) => table === read)))
      throw refusedPath(read, 'commands write there, as it is in output.dir');
  }
  for (const one of written) await refuseForeign(one);
}

function refusedPath({ key, path }: NamedPath, why: string): AppError {
  return new AppError('config', `${key}: ${path}: ${why}`, 'Name a file of its own for each: nothing was written.');
}

async function locate(named: NamedPath): Promise<Located> {
  const found = await ifThere(named.path, stat(named.path, { bigint: true }));
  const node = found?.isFile() ? `${found.dev}:${found.ino}` : undefined;
  return { ...named, real: await resolveLinks(named.path), node, hasLinks: node !== undefined && found!.nlink > 1n };
}

/** First part of a path below a folder. Undefined if the path is outside the folder. */
function partBelow(path: string, folder: string): string | undefined {
  const inside = relative(folder, path);
  return inside === '' || inside.startsWith('..') ? undefined : inside.split(sep)[0];
}

function isBelowFolder(path: string, folder: string): boolean {
  return path.startsWith(`${folder}${sep}`);
}

/**
 * Whether a write to one path would change the other path. It would if both are one file, one is a folder of the other, or one is
 * a rotated log of the other.
 */
function collide(one: Located, other: Located): boolean {
  if (one.node !== undefined && one.node === other.node) return true;
  const isTurned = (log: Located, file: Located) =>
    log.key === 'log.file' && file.real.startsWith(`${log.real}.`) && /^\d+$/.test(file.real.slice(log.real.length + 1));
  if (isTurned(one, other) || isTurned(other, one)) return true;
  return one.real === other.real || isBelowFolder(one.real, other.real) || isBelowFolder(other.real, one.real);
}

/** Refuses a path of the config that commands use for other files in output.dir. @throws AppError config */
async function refuseOwn(one: Located, output: Located): Promise<void> {
  const inside = partBelow(one.real, output.real);
  if (one.real === output.real || (inside !== undefined && ownNames.test(inside)) || isBelowFolder(output.real, one.real))
    throw refusedPath(one, 'output.dir has this place for runs and what commands write');
  if (!one.hasLinks) return;
  const runs = join(output.real, 'runs');
  const names = (await ifThere(runs, readdir(runs, { recursive: true }))) ?? [];
  for (const name of names)
    if ((await locate({ key: '', path: join(runs, name) })).node === one.node)
      throw refusedPath(one, 'it is a file of a run in output.dir');
}

/**
 * Refuses an existing file that no run has written. Pipes and files with other content are neither replaced nor appended to.
 * @throws AppError config
 */
async function refuseForeign({ key, path, isOurs }: Located): Promise<void> {
  const found = await ifThere(path, stat(path));
  // A folder is refused later, when it is written.
  if (found === undefined || found.isDirectory() || found.isCharacterDevice()) return;
  if (!found.isFile()) throw refusedPath({ key, path }, 'it is no regular file');
  if (isOurs === undefined || found.size === 0) return;
  const handle = await ifThere(path, open(path));
  const { buffer, bytesRead } = await handle!.read(Buffer.alloc(4096), 0, 4096, 0).finally(() => handle!.close());
  // After a power cut, a file can begin with zeros in place of blocks that did not reach the disk.
  const from = buffer.subarray(0, bytesRead).findIndex((byte) => byte !== 0);
  const text = from < 0 ? '' : buffer.toString('utf8', from, bytesRead);
  if (text !== '' && !isOurs(text)) throw refusedPath({ key, path }, 'it is there, and no run has written it');
}

/** File or pattern of files that a table reads. */
interface TablePath extends Located {
  /** Matches the paths of the pattern, whether there are files or not. Undefined for the path of one file. */
  pattern: RegExp | undefined;
}

/** Paths and patterns in the `from` and the SQL of tables, and the path of the source. A text in SQL counts if a file has its name. */
async function locatedTables(settings: Settings, written: readonly Located[]): Promise<TablePath[]> {
  const { config } = settings;
  const { source, tables } = config;
  const { readsFiles, dialect } = driverOf(source);
  if (!readsFiles) return [];
  const base = settingsPath(settings, source.path);
  const isDatabase = (await ifThere(base, stat(base)))?.isFile() ?? false;
  const named = Object.entries({ ...tables, 'customers.history': tables.customers.history }).flatMap(([table, { from } = {}]) =>
    from === undefined || isDatabase ? [] : [{ key: `tables.${table}.from`, name: from }],
  );
  const texts = sqlOf(config).flatMap(({ path, sql }) =>
    sqlWords(dialect, sql)
      .filter(({ kind, value }) => (kind === 'text' || kind === 'name') && (!isPattern(value) || /\/|\.\w+$/.test(value)))
      .map(({ value }) => ({ key: pathText(path), name: value })),
  );
  const folder = isDatabase ? dirname(base) : base;
  const place = async ({ key, name }: { key: string; name: string }) => {
    const path = resolve(folder, name);
    return isPattern(name)
      ? { ...(await locate({ key, path: folderOfPattern(path) })), node: undefined, pattern: await patternOf(path) }
      : { ...(await locate({ key, path })), pattern: undefined };
  };
  const isFile = ({ pattern, node, real }: TablePath) =>
    pattern !== undefined || node !== undefined || written.some((file) => file.real === real);
  return [
    ...(await Promise.all([...named, { key: 'source.path', name: base }].map(place))),
    ...(await Promise.all(texts.map(place))).filter(isFile),
  ];
}

/** Folder before the first wildcard of a pattern. */
function folderOfPattern(pattern: string): string {
  return dirname(`${pattern.slice(0, pattern.search(/[*?[]/))}x`);
}

/** Expression for the paths that a pattern of the engine matches: `*` and `?` within a name, `**` over folders, `[...]` one sign. */
async function patternOf(path: string): Promise<RegExp> {
  const folder = folderOfPattern(path);
  const parts = path.slice(folder.length).split(/(\*\*\/?|[*?]|\[[^\]]+\])/);
  const sources = parts.map((part, i) => {
    if (i % 2 === 0) return part.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
    if (part.startsWith('**')) return '(?:.*\\/)?';
    return part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.replace('[!', '[^');
  });
  const prefix = (await resolveLinks(folder)).replace(/[\\^$.*?|+(){}[\]]/g, '\\$&');
  return new RegExp(`^${prefix}${sources.join('')}$`);
}
