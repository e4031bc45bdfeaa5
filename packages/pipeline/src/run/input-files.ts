import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { AppError } from '@basketwise/core/base';
import {
  type DuckdbEngine,
  fileState,
  filesOf,
  namedFiles,
  type SqlUses,
  sqlUses,
  storedPatterns,
  tableUses,
  withDate,
  writeAheadLog,
} from '@basketwise/data';
import { hashFile, ifThere, resolveLinks } from '@basketwise/data/base';
import { faultText, sqlOf } from '../config/config-sql.ts';
import { type Settings, settingsPath } from '../config/load.ts';
import { type ConfigPath, type Problem, pathText } from '../config/problems.ts';

/** Input file with its hash. */
interface HashedFile {
  state: string;
  hash: string;
  /** Whether the file is so new that a change of its content might leave its times equal. */
  isFresh: boolean;
}

/** Coarsest resolution of file times that file systems have, in milliseconds. */
const clockStep = 2000;

/**
 * Input files of a run: the files that tables and SQL of the config read, and the write-ahead log of a database file. They are
 * hashed before the extraction, and checked for changes after it.
 */
export class InputFiles {
  /** sha256 over the names and contents of all files. */
  readonly hash: string;
  readonly #settings: Settings;
  readonly #engine: DuckdbEngine;
  readonly #files: ReadonlyMap<string, HashedFile>;

  private constructor(settings: Settings, engine: DuckdbEngine, files: ReadonlyMap<string, HashedFile>) {
    this.#settings = settings;
    this.#engine = engine;
    this.#files = files;
    const hash = createHash('sha256');
    const base = baseOf(settings, engine);
    for (const [file, found] of files) hash.update(`${relative(base, file).split(sep).join('/')} ${found.hash}`).update('\0');
    this.hash = hash.digest('hex');
  }

  /** Finds and hashes the files. @throws AppError missing-input, not-permitted; bad-data if a file changes meanwhile */
  static async find(settings: Settings, engine: DuckdbEngine): Promise<InputFiles> {
    const path = settingsPath(settings, settings.config.source.path);
    const files = new Map<string, HashedFile>();
    for (const file of await findInputFiles(settings, engine)) files.set(file, await hashInput(file));
    const attached = engine.databaseState;
    if (attached !== undefined && files.get(path)?.state !== attached) throw changed(path);
    return new InputFiles(settings, engine, files);
  }

  /**
   * Checks after the extraction that the files read are the files hashed.
   * @param own folders of the run's own files
   * @throws AppError bad-data for a changed file, not-permitted for a file that is no longer readable, config for a file that was
   * read although the config does not name it
   */
  async check(own: readonly string[]): Promise<void> {
    const now = await findInputFiles(this.#settings, this.#engine).catch((cause) => {
      throw cause instanceof AppError ? cause : readFailure('a file', cause);
    });
    const other = now.find((file) => !this.#files.has(file)) ?? [...this.#files.keys()].find((file) => !now.includes(file));
    if (other !== undefined) throw changed(other);
    for (const [file, { state, hash, isFresh }] of this.#files) {
      if ((await ifThere(file, fileState(file))) !== state) throw changed(file);
      if (isFresh && (await ifThere(file, hashFile(file))) !== hash) throw changed(file);
    }
    await this.#checkOpened(own);
  }

  async #checkOpened(own: readonly string[]): Promise<void> {
    const known = new Set(await Promise.all([...this.#files.keys()].map((file) => realpath(file))));
    const folders = await Promise.all(own.map((folder) => realpath(folder).catch(() => resolve(folder))));
    for (const file of await this.#engine.openedFiles()) {
      const place = await resolveLinks(file);
      if (known.has(place) || folders.some((folder) => place.startsWith(`${folder}${sep}`))) continue;
      throw new AppError(
        'config',
        `${file} was read, but the config does not name it: a run cannot detect its changes`,
        "Write its name into the SQL as a text, such as read_csv('lists/out.csv').",
      );
    }
  }
}

/** Folder to which the hashed file names are relative. */
function baseOf(settings: Settings, engine: DuckdbEngine): string {
  const path = settingsPath(settings, settings.config.source.path);
  return engine.hasDatabase() ? dirname(path) : path;
}

/** Absolute paths of all input files, sorted. */
async function findInputFiles(settings: Settings, engine: DuckdbEngine): Promise<string[]> {
  const { source, tables } = settings.config;
  const path = settingsPath(settings, source.path);
  await stat(path).catch((cause) => {
    throw new AppError('missing-input', `source.path: there is no ${path}`, 'Name a folder of files or a DuckDB database file.', {
      cause,
    });
  });
  const { history } = tables.customers;
  const read = [...Object.values(tables), ...(history ? [history] : [])];
  const from = read.flatMap((table) => table?.from ?? []);
  const named = engine.hasDatabase()
    ? [path, ...(await writeAheadLog(path))]
    : (await Promise.all(from.map((name) => tableFiles(settings, engine, name)))).flat();
  const behind = await namedFiles(engine, await sqlPatterns(settings, engine));
  return [...new Set([...named, ...behind].map((file) => resolve(file)))].sort();
}

/** Whether the `from` of a table is a pattern of files, not the name of one file. */
export function isPattern(from: string): boolean {
  return /[*?[]/.test(from);
}

/** Files that the `from` of a table names. */
async function filesFrom(settings: Settings, engine: DuckdbEngine, name: string): Promise<string[]> {
  const pattern = resolve(settingsPath(settings, settings.config.source.path), name);
  if (isPattern(pattern)) return filesOf(engine, pattern);
  return (await ifThere(pattern, stat(pattern)))?.isFile() ? [pattern] : [];
}

/** Files of a table. @throws AppError config if a pattern matches files that runs write */
async function tableFiles(settings: Settings, engine: DuckdbEngine, name: string): Promise<string[]> {
  const files = await filesFrom(settings, engine, name);
  if (!isPattern(resolve(settingsPath(settings, settings.config.source.path), name))) return files;
  const output = settingsPath(settings, settings.config.output.dir);
  const own = files.find((file) => resolve(file).startsWith(`${output}${sep}`));
  if (own === undefined) return files;
  throw new AppError(
    'config',
    `${name} finds ${own}, which is in output.dir: each run would read what the last one wrote`,
    'Change the pattern so that it finds only files of the bank, or set an output.dir outside source.path.',
  );
}

async function hashInput(file: string): Promise<HashedFile> {
  try {
    const start = Date.now();
    const state = await fileState(file);
    const { mtimeMs, ctimeMs } = await stat(file);
    const hash = await hashFile(file);
    if ((await fileState(file)) !== state) throw changed(file);
    return { state, hash, isFresh: Math.max(mtimeMs, ctimeMs) > start - clockStep };
  } catch (cause) {
    throw cause instanceof AppError ? cause : readFailure(file, cause);
  }
}

function readFailure(file: string, cause: unknown): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM'
    ? new AppError('not-permitted', `not allowed to read ${file}`, 'Give the user of this process read access to it.', { cause })
    : new AppError('missing-input', `cannot read ${file}: ${code ?? message}`, 'Deliver the file again.', { cause });
}

function changed(file: string): AppError {
  return new AppError(
    'bad-data',
    `${file} has changed while it was read`,
    'Deliver files before the run begins, each under another name first and then renamed; then run again.',
  );
}

/** Analysed SQL of a config. For a database, also the tables that `from` names, with their views and macros. */
type ConfigUses = readonly { path: ConfigPath; uses: SqlUses }[];

const usesOfEngines = new WeakMap<DuckdbEngine, { config: Settings['config']; uses: Promise<ConfigUses> }>();

/** Analyses the SQL of a config, with the views and macros in it. Does so once per engine, because the engine's database does not change. */
function usesOf({ config }: Settings, engine: DuckdbEngine): Promise<ConfigUses> {
  const before = usesOfEngines.get(engine);
  if (before?.config === config) return before.uses;
  const uses = findUses(config, engine);
  usesOfEngines.set(engine, { config, uses });
  return uses;
}

async function findUses(config: Settings['config'], engine: DuckdbEngine): Promise<ConfigUses> {
  const { tables } = config;
  const found: { path: ConfigPath; uses: SqlUses }[] = [];
  for (const { path, sql, isQuery } of sqlOf(config)) {
    // Only literals name files, so the date does not matter here.
    const written = { sql: withDate(engine.dialect, sql, '1970-01-01'), isQuery, place: pathText(path) };
    found.push({ path, uses: await sqlUses(engine, written) });
  }
  const named = [
    ...Object.entries(tables).map(([table, one]) => ({ path: ['tables', table, 'from'], from: one?.from })),
    { path: ['tables', 'customers', 'history', 'from'], from: tables.customers.history?.from },
  ];
  for (const { path, from } of engine.hasDatabase() ? named : [])
    if (from) found.push({ path, uses: await tableUses(engine, from) });
  return found;
}

/** Names and patterns of files in the SQL of the config, and in views and macros of the database. Some may be names of tables instead. */
async function sqlPatterns(settings: Settings, engine: DuckdbEngine): Promise<ReadonlySet<string>> {
  const uses = await usesOf(settings, engine);
  return new Set([...uses.flatMap((one) => one.uses.patterns), ...(await storedPatterns(engine))]);
}

/**
 * Checks the SQL of the config with its views and macros. Then allows the engine to read only files that the config names.
 * @param own folders of the run: output.dir and spill files
 * @throws AppError config for SQL that depends on more than tables and files; missing-input for a missing file
 */
export async function confineSql(settings: Settings, engine: DuckdbEngine, own: readonly string[]): Promise<void> {
  const uses = await usesOf(settings, engine);
  const problems = uses.flatMap(({ path, uses: { fault } }): Problem[] => (fault ? [{ path, message: faultText(fault) }] : []));
  if (problems.length > 0) throw settings.refuse(problems);
  for (const { path, uses: one } of uses) {
    for (const file of one.files) {
      if ((await filesOf(engine, file)).length > 0) continue;
      throw new AppError('missing-input', `${pathText(path)}: no file matches ${file}`, 'Deliver it, or correct its name.');
    }
  }
  const { source, tables } = settings.config;
  const base = settingsPath(settings, source.path);
  const start = engine.hasDatabase() ? dirname(base) : base;
  const from = [...Object.values(tables), tables.customers.history].flatMap((table) => table?.from ?? []);
  const patterns = [...(await sqlPatterns(settings, engine))];
  const named = [...patterns, ...[...patterns, ...from].map((name) => resolve(start, name))];
  const found = (await Promise.all(patterns.map((pattern) => filesOf(engine, pattern)))).flat();
  await engine.confine([...own, ...named.filter(isAbsolute).flatMap(folderOfPattern)], [...named, ...found, base]);
}

/** Folder before the first wildcard of a pattern; empty for the name of one file. */
function folderOfPattern(pattern: string): string[] {
  const first = pattern.search(/[*?[]/);
  return first < 0 ? [] : [dirname(`${pattern.slice(0, first)}x`)];
}
