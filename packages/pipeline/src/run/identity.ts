import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@basketwise/core';
import type { DuckdbEngine } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { PlainDate } from '../values/plain-date.ts';
import { hashFile } from './files.ts';

/** What a run depends on: same identity, same results. */
export interface RunIdentity {
  referenceDate: PlainDate;
  /** sha256 over everything below. */
  hash: string;
  /** sha256 of the program's own files. */
  code: string;
  /** sha256 of the parts of the config that results depend on. */
  config: string;
  /** sha256 of the input files; null for a source whose tables have no identity. */
  input: string | null;
}

function sha256(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** The name of a run folder. */
export function runName({ referenceDate, hash }: RunIdentity): string {
  return `${referenceDate}-${hash.slice(0, 8)}`;
}

/**
 * What the results depend on: not where they go, how many threads work, what is logged, or what would stop a run; nor where models are
 * kept (the cluster stage looks at what is in them).
 */
function resultConfig({ source, output, clusters, workers: _, log: __, guards: ___, ...rest }: Config): unknown {
  const { memory: _memory, path: _path, hive, ...reader } = source;
  const schemes = Object.entries(clusters).map(([scheme, { model: _model, ...how }]) => [scheme, how]);
  return {
    ...rest,
    clusters: schemes,
    source: { ...reader, ...(hive ? sourceOfHive(hive) : {}) },
    formats: output.formats,
    escapeFormulas: output.escape_formulas,
    report: output.report,
  };
}

/** Which tables a Hive source means: names alone are those of every server. */
function sourceOfHive({ host, port, database, pushdown }: NonNullable<Config['source']['hive']>): object {
  return { host, port, database, ...(pushdown && { pushdown }) };
}

async function filesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function hashFiles(base: string, files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of [...new Set(files)].sort()) lines.push(`${nameBelow(base, file)} ${await hashInput(file)}`);
  return sha256(...lines);
}

async function hashInput(file: string): Promise<string> {
  return hashFile(file).catch((cause: NodeJS.ErrnoException) => {
    const isDenied = cause.code === 'EACCES' || cause.code === 'EPERM';
    throw isDenied
      ? new AppError('not-permitted', `not allowed to read ${file}`, 'Give the user of this process read access to it.', {
          cause,
        })
      : new AppError('missing-input', `cannot read ${file}: ${cause.code ?? cause.message}`, 'Deliver the file again.', {
          cause,
        });
  });
}

let ownCode: Promise<string> | undefined;

/** sha256 of the program: the built modules of core, data and this package, as they were when this process first asked. */
export function codeHash(): Promise<string> {
  ownCode ??= hashCode();
  return ownCode;
}

async function hashCode(): Promise<string> {
  const folders = ['@basketwise/core', '@basketwise/data'].map((name) => fileURLToPath(new URL('.', import.meta.resolve(name))));
  const own = fileURLToPath(new URL('..', import.meta.url));
  const hashes = [...folders, own].map(async (folder) => {
    const modules = (await filesBelow(folder)).filter((file) => file.endsWith('.js')).sort();
    // Small files by the hundred: read at once, which takes a tenth of streams.
    return sha256(...modules.map((file) => `${nameBelow(folder, file)} ${sha256Of(readFileSync(file))}`));
  });
  return sha256(...(await Promise.all(hashes)));
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function nameBelow(base: string, file: string): string {
  return relative(base, file).split(sep).join('/');
}

/** The input files of a config: what its tables name, all of the source's folder where a table is given as SQL. */
async function inputFiles(settings: Settings, engine: DuckdbEngine): Promise<{ base: string; files: string[] }> {
  const { source, tables } = settings.config;
  const base = settingsPath(settings, source.path);
  const found = await stat(base).catch((cause) => {
    throw new AppError('missing-input', `source.path: there is no ${base}`, 'Name a folder of files or a DuckDB database file.', {
      cause,
    });
  });
  if (found.isFile()) return { base: join(base, '..'), files: [base] };
  const from = Object.values(tables).map((table) => table.from);
  if (from.some((name) => name === undefined)) return { base, files: await filesBelow(base) };
  const files: string[] = [];
  for (const name of from) {
    const pattern = engine.dialect.text(join(base, name!));
    for await (const { columns } of engine.query(`SELECT file FROM glob(${pattern})`)) files.push(...(columns.file as string[]));
  }
  return { base, files };
}

/**
 * Finds out what a run depends on before anything is extracted, by hashing the program, the config and the input files.
 * @throws AppError missing-input where source.path does not exist
 */
export async function identifyRun(settings: Settings, referenceDate: PlainDate, engine: DuckdbEngine): Promise<RunIdentity> {
  const code = await codeHash();
  const config = sha256(JSON.stringify(resultConfig(settings.config)));
  let input: string | null = null;
  // tables of Hive have no identity: a run of a date is the same run until the config or the program changes
  if (settings.config.source.engine === 'duckdb') {
    const { base, files } = await inputFiles(settings, engine);
    input = await hashFiles(base, files);
  }
  return { referenceDate, hash: sha256(referenceDate, code, config, input ?? 'unknown'), code, config, input };
}
