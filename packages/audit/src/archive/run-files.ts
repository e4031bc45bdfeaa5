import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import { type FileRecord, ifThere, isAsRecorded, isFileRecord, jsonText } from '@basketwise/data/base';
import { type Erasures, isRunName, parseSealed, runManifestShape, sealOf } from '@basketwise/pipeline';
import { z } from 'zod';

import { programFile, programOf, thisProgram } from './program.ts';
import { differs } from './recorded-bytes.ts';

/** File to write into an archive. */
export interface RunFile extends FileRecord {
  held: boolean;
  /** Content of the file, or path of the source file. */
  from: Buffer | string;
}

/** Folder in an archive for the files of the previous run, with which the run compares itself. */
export const previousPlace = 'archive/previous';
/** Files of the previous run that are compared. They have no rows of customers. */
export const comparedFiles = ['segments.json', 'clusters.json'];

/** Names of files that are tables. They may have rows of customers. */
const rowsOfCustomers = /\.(parquet|csv)$/;
/** Tables without rows of customers: products and counts. */
const withoutCustomers = ['snapshot/products.parquet', 'suppressed.parquet'];

/** Whether a file of a run may have rows of customers: all tables except those in `withoutCustomers`. */
export function hasCustomers(file: string): boolean {
  return rowsOfCustomers.test(file) && !withoutCustomers.includes(file);
}

/** Whether erasures name no files except tables that can have rows of customers. They would hide changes of the others. */
export const ofTables = ({ files }: Erasures) => files.every(({ file }) => hasCustomers(file));

/**
 * Files of a successful run for its archive, in order: manifest, program, records of the stages, files of the previous run, results.
 * Files that depend on the time of the run (run.json, the report) are left out.
 * @param data whether files with rows of customers are included
 */
export async function runFiles(output: string, run: string, data: boolean): Promise<RunFile[]> {
  const folder = join(output, 'runs', run);
  const text = await readFile(join(folder, 'manifest.json'), 'utf8');
  const manifest = parseRunManifest(text, `${run}/manifest.json`);
  const stages = await archivedStages(folder);
  const program = programOf(manifest.inputs, await thisProgram(manifest.config, [...stages.keys()]));
  const names = new Set(manifest.files.map(({ file }) => file));
  const isCopy = (file: string) => file.endsWith('.csv') && names.has(file.replace(/csv$/, 'parquet'));
  return [
    contentOf('manifest.json', text),
    contentOf(programFile, jsonText(program)),
    ...[...stages].map(([stage, record]) => contentOf(`stages/${stage}.json`, record)),
    ...(await previousFiles(output, stages)),
    ...manifest.files.map((record) => {
      const held = !isCopy(record.file) && (data || !hasCustomers(record.file));
      return { ...record, held, from: join(folder, record.file) };
    }),
  ];
}

/** Text of the records of a run's stages, in order, without the stage `report`. */
async function archivedStages(folder: string): Promise<Map<string, string>> {
  const state = parseRunState(await readFile(join(folder, 'run.json'), 'utf8'));
  if (!state) throw differs(folder, 'run.json', 'is damaged or of another version');
  const stages = new Map<string, string>();
  for (const { name } of state.stages) {
    const path = join(folder, 'stages', `${name}.json`);
    const text = name === 'report' ? undefined : await ifThere(path, readFile(path, 'utf8'));
    if (text !== undefined) stages.set(name, text);
  }
  return stages;
}

/** Files of the previous run that the stages of a run read. Empty if the previous run was removed or made again since. */
async function previousFiles(output: string, stages: ReadonlyMap<string, string>): Promise<RunFile[]> {
  const folder = await previousRunFolder(output, stages);
  if (folder === undefined) return [];
  const { files } = parseRunManifest(await readFile(join(folder, 'manifest.json'), 'utf8'), folder);
  const copies: RunFile[] = [];
  for (const file of comparedFiles) {
    const record = files.find((listed) => listed.file === file);
    if (!record || !(await isAsRecorded(join(folder, file), record))) return [];
    copies.push(contentOf(`${previousPlace}/${file}`, await readFile(join(folder, file), 'utf8')));
  }
  return copies;
}

/** Folder of the previous run with which a run compares itself, from the key of the run's `segments` stage. Undefined without one. */
export async function previousRunFolder(output: string, stages: ReadonlyMap<string, string>): Promise<string | undefined> {
  const [previous] = previousOf(stages);
  if (!previous) return undefined;
  const [run, seal] = previous;
  const folder = join(output, 'runs', run);
  const manifest = join(folder, 'manifest.json');
  const text = await ifThere(manifest, readFile(manifest, 'utf8'));
  const sealed = parseSealed(text ?? '');
  return sealed && sealOf(sealed) === seal ? folder : undefined;
}

const nightsShape = z.array(z.tuple([z.string().refine(isRunName), z.string()]));

/** Value of a JSON text; undefined if it is damaged. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Name and seal of the previous run with which a run compares itself; empty without one. */
export function previousOf(stages: ReadonlyMap<string, string>): readonly (readonly [run: string, seal: string])[] {
  const key = parseStageRecord(stages.get('segment') ?? '')?.key;
  const pairs = nightsShape.safeParse(jsonOf(key ?? '')).data;
  return pairs ?? [];
}

function contentOf(file: string, text: string): RunFile {
  const from = Buffer.from(text);
  return { file, bytes: from.length, sha256: createHash('sha256').update(from).digest('hex'), held: true, from };
}

/** Sorted paths, relative to a folder, of the wanted entries in the folder and all its subfolders. */
export async function filesBelow(folder: string, isWanted: (entry: Dirent) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(isWanted)
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

/** Parts of a run's manifest.json that archives need. */
export type ArchivedManifest = z.output<typeof runManifestShape>;

/** Parses a manifest. @param place path of the text, for messages @throws AppError bad-data if it is damaged or has another version */
export function parseRunManifest(text: string, place: string): ArchivedManifest {
  const manifest = runManifestShape.safeParse(parseSealed(text));
  if (manifest.success) return manifest.data;
  throw new AppError('bad-data', `${place} is damaged or of another version`, 'Restore it from a copy.');
}

const stateShape = z.looseObject({ previous: z.string().nullable(), stages: z.array(z.looseObject({ name: z.string() })) });

/** Parses a run.json, which records the end of a run; undefined if it is damaged. */
export function parseRunState(text: string): z.output<typeof stateShape> | undefined {
  return stateShape.safeParse(parseSealed(text)).data;
}

const recordShape = z.object({
  hash: z.string(),
  key: z.string(),
  after: z.string(),
  made: z.record(z.string(), z.string()).nullable(),
  files: z.array(z.custom<FileRecord>(isFileRecord)),
  summary: z.unknown(),
});

/** Parses the record of a stage; undefined if it is damaged. */
export function parseStageRecord(text: string): z.output<typeof recordShape> | undefined {
  return recordShape.safeParse(parseSealed(text)).data;
}
