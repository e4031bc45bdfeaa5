import { createHash } from 'node:crypto';
import type { PlainDate } from '@basketwise/core/parts';
import type { DuckdbEngine } from '@basketwise/data';
import type { Settings } from '../config/load.ts';
import { type Config, writtenOutput } from '../config/schema.ts';
import { driverOf, enginePackages, sourceIdentity } from '../drivers/drivers.ts';
import { codeHash } from './code-hash.ts';
import { InputFiles } from './input-files.ts';

/** Identity of a run: all its inputs. The same identity gives the same results. */
export interface RunIdentity {
  referenceDate: PlainDate;
  /** sha256 over all following fields. */
  hash: string;
  /** sha256 of the program's own files. */
  code: string;
  /** sha256 of the parts of the config that results depend on. */
  config: string;
  /** sha256 of the input files. Null for a source whose tables have no identity. */
  input: string | null;
  /** Whether the run has only some campaigns. It does not share a folder with a run of all. */
  aside?: true;
}

function hashOfParts(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Name of a run folder. */
export function runName({ referenceDate, hash }: RunIdentity): string {
  return `${referenceDate}-${hash.slice(0, 8)}`;
}

/**
 * Parts of a config that results depend on. Excludes destinations of results, number of threads, logging, release, limits that stop
 * a run, and words and bounds of validations.
 * Also excludes the paths of saved models, because the cluster stage reads their content.
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
 * Determines a run's inputs: the program, the config, the input files and data from earlier runs.
 * @param input null for a source whose tables have no identity: a run of a date is the same run until the config or the program
 * changes
 * @param kept data that it uses from earlier runs
 * @param aside whether it has only some campaigns and is never published
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

/** sha256 of the program that makes the runs of a config: this package, and the packages of the engines that the config names. */
export function programHash(config: Parameters<typeof enginePackages>[0]): Promise<string> {
  return codeHash(import.meta.url, enginePackages(config));
}

/** Finds and hashes the input files of a config. Null if the engine's tables are not files. */
export async function findInputs(settings: Settings, engine: DuckdbEngine): Promise<InputFiles | null> {
  return driverOf(settings.config.source).readsFiles ? await InputFiles.find(settings, engine) : null;
}
