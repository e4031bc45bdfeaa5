import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileRecord, ifThere, parseSealed, sealOf } from '@basketwise/pipeline/base';
import { isAsRecorded, jsonText } from '@basketwise/pipeline/parts';
import { differs } from './differs.ts';
import { programFile, programOf, thisProgram } from './program.ts';
import { parseRunManifest, parseRunState, parseStageRecord } from './run-manifest.ts';

/** File for an archive. */
export interface RunFile extends FileRecord {
  held: boolean;
  /** Content, or the path of the file that has it. */
  from: Buffer | string;
}

/** Folder of an archive with the files of the previous run that the run compares with. */
export const previousPlace = 'archive/previous';
/** Those files: they have no customers. */
export const comparedFiles = ['segments.json', 'clusters.json'];

/** Files with the rows of customers, and copies of them. */
const rowsOfCustomers = /\.(parquet|csv)$/;
/** Tables of products or counts. */
const withoutCustomers = ['snapshot/products.parquet', 'suppressed.parquet'];

/** Whether a file of a run may have rows of customers: each table does, unless it is known not to. */
export function hasCustomers(file: string): boolean {
  return rowsOfCustomers.test(file) && !withoutCustomers.includes(file);
}

/**
 * Files of a successful run for its archive, in order: manifest, program, records of the stages, files of the previous run, results. Files
 * that depend on the time of the run (run.json, the report) are no part of it.
 * @param data with the rows of customers
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

/** Records of the stages of a run, as text, in their order; without that of the report. */
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

/** Files of the previous run that the stages of a run read; none if that run was removed or made again since. */
async function previousFiles(output: string, stages: ReadonlyMap<string, string>): Promise<RunFile[]> {
  const folder = await previousRunFolder(output, stages);
  if (folder === undefined) return [];
  const { files } = parseRunManifest(await readFile(join(folder, 'manifest.json'), 'utf8'), folder);
  const found: RunFile[] = [];
  for (const file of comparedFiles) {
    const record = files.find((one) => one.file === file);
    if (!record || !(await isAsRecorded(join(folder, file), record))) return [];
    found.push(contentOf(`${previousPlace}/${file}`, await readFile(join(folder, file), 'utf8')));
  }
  return found;
}

/** Folder of the run that a run compares with, by the key of its stage of segments. */
export async function previousRunFolder(output: string, stages: ReadonlyMap<string, string>): Promise<string | undefined> {
  const [previous] = previousOf(stages);
  if (!previous) return undefined;
  const [run, seal] = previous;
  const folder = join(output, 'runs', run);
  const manifest = join(folder, 'manifest.json');
  const text = await ifThere(manifest, readFile(manifest, 'utf8'));
  const found = parseSealed(text ?? '');
  return found && sealOf(found) === seal ? folder : undefined;
}

/** The run that a run compares with, and its seal; empty without one. */
export function previousOf(stages: ReadonlyMap<string, string>): readonly (readonly [run: string, seal: string])[] {
  const key = parseStageRecord(stages.get('segment') ?? '')?.key;
  return key ? (JSON.parse(key) as [string, string][]) : [];
}

function contentOf(file: string, text: string): RunFile {
  const from = Buffer.from(text);
  return { file, bytes: from.length, sha256: createHash('sha256').update(from).digest('hex'), held: true, from };
}
