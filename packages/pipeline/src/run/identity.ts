import { createHash } from 'node:crypto';
import type { PlainDate } from '@basketwise/core';
import type { DuckdbEngine } from '@basketwise/data';
import type { Settings } from '../config/load.ts';
import { type Config, writtenOutput } from '../config/schema.ts';
import { driverOf, enginePackages, sourceIdentity } from '../drivers/drivers.ts';
import { codeHash } from './code-hash.ts';
import { InputFiles } from './input-files.ts';

/** Identity of a run: all inputs of its results. Runs with equal identities have equal results. */
export interface RunIdentity {
  referenceDate: PlainDate;
  /** sha256 over all other fields, and over data of earlier runs. */
  hash: string;
  /** sha256 of the program's own files. */
  code: string;
  /** sha256 of the keys of the config that results depend on. */
  config: string;
  /** sha256 of the input files. Null for tables of a server, which have no hash. */
  input: string | null;
  /** Whether the run has only some campaigns. Its folder differs from that of a run of all campaigns. */
  aside?: true;
}

function hashOfParts(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Name of the folder of a run: reference date, and eight digits of the hash. */
export function runName({ referenceDate, hash }: RunIdentity): string {
  return `${referenceDate}-${hash.slice(0, 8)}`;
}

/**
 * Keys of a config that results depend on. Excludes destinations of results, number of threads, logging, release, guards, and texts and bounds of
 * validations. Also excludes the paths of saved cluster models: the cluster stage compares the content of these files.
 */
function resultConfig({
  source,
  output,
  clusters,
  validation,
  workers: _,
  log: __,
  guards: ___,
  release: ____,
  ...rest
}: Config): unknown {
  const schemes = Object.entries(clusters).map(([scheme, { model: _model, ...how }]) => [scheme, how]);
  const read = validation && { protected: validation.protected };
  return { ...rest, validation: read, clusters: schemes, source: sourceIdentity(source), output: writtenOutput(output) };
}

/**
 * Determines the identity of a run from the program, the config, the input files and data of earlier runs.
 * @param input hash of the input files; null if the tables are no files. A run of a date then counts as the same until config or program change.
 * @param kept data of earlier runs that the run reads
 * @param aside whether the run has only some campaigns and is never published
 */
export async function identifyRun(
  settings: Settings,
  referenceDate: PlainDate,
  input: Pick<InputFiles, 'hash'> | null,
  kept: readonly { sha256: string }[] = [],
  aside = false,
): Promise<RunIdentity> {
  const code = await programHash(settings.config);
  const config = hashOfParts(JSON.stringify(resultConfig(settings.config)));
  const files = input?.hash ?? null;
  const others = [...kept.map(({ sha256: digest }) => digest), ...(aside ? ['aside'] : [])];
  const hash = hashOfParts(referenceDate, code, config, files ?? 'unknown', ...others);
  return { referenceDate, hash, code, config, input: files, ...(aside && { aside }) };
}

/** sha256 of the program that makes the runs of a config. It covers this package, and the packages of the engines that the config names. */
export function programHash(config: Parameters<typeof enginePackages>[0]): Promise<string> {
  return codeHash(import.meta.url, enginePackages(config));
}

/** Finds and hashes the input files of a config. Null if the engine's tables are not files. */
export async function findInputs(settings: Settings, engine: DuckdbEngine): Promise<InputFiles | null> {
  return driverOf(settings.config.source).readsFiles ? await InputFiles.find(settings, engine) : null;
}
