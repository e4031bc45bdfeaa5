import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileRecord, ifThere } from '@basketwise/data/base';
import { type Erasures, erasuresFile, readErasures, recordsAfter, sealOf } from '@basketwise/pipeline';
import { differs, readBytes } from './recorded-bytes.ts';
import { type ArchivedManifest, filesBelow, ofTables, parseRunManifest, parseRunState, parseStageRecord } from './run-files.ts';

/** Run folder whose files all agree with their records. */
export interface CheckedRun {
  manifest: ArchivedManifest;
  /** Text of each stage's record, by name of the stage. */
  stages: ReadonlyMap<string, string>;
  /** Number of files that were compared. */
  files: number;
  /** Files in the folder that no stage has recorded. */
  others: readonly string[];
  /** Hashes of the files without erased customers; undefined without erasures. */
  erasures: Erasures | undefined;
}

/**
 * Compares each file of a run folder with the run's records:
 * - manifest.json, run.json and the records of stages with their own seals (hashes)
 * - the records of stages with one another
 * - all results with the sha256 in the records
 * @param folder folder of a successful run
 * @throws AppError bad-data that names the first file that differs
 */
export async function checkRun(folder: string): Promise<CheckedRun> {
  const text = async (file: string) => (await ifThere(join(folder, file), readFile(join(folder, file), 'utf8'))) ?? '';
  const manifest = parseRunManifest(await text('manifest.json'), join(folder, 'manifest.json'));
  const state = parseRunState(await text('run.json'));
  if (!state) throw differs(folder, 'run.json', 'is damaged or of another version');
  const stages = new Map<string, string>();
  for (const { name } of state.stages) stages.set(name, await text(`stages/${name}.json`));
  const recorded = checkRecords(folder, manifest, stages);
  const erasures = await readErasures(folder);
  if (erasures ? !ofTables(erasures) : (await text(erasuresFile)) !== '') throw differs(folder, erasuresFile, 'is damaged');
  for (const record of recorded.map(recordsAfter(erasures))) await checkFile(folder, record);
  const expected = new Set([
    'manifest.json',
    'run.json',
    ...(erasures ? [erasuresFile] : []),
    ...[...stages.keys()].map((name) => `stages/${name}.json`),
  ]);
  for (const { file } of recorded) expected.add(file);
  const names = await filesBelow(folder, (entry) => !entry.isDirectory());
  return {
    manifest,
    stages,
    files: expected.size,
    others: names.filter((name) => !expected.has(name)),
    erasures,
  };
}

/**
 * Compares the records of a run's stages with one another and with the manifest.
 * @param stages text of each stage's record, by name of the stage, in order
 * @returns records of the files of all stages
 * @throws AppError bad-data that names the first file that differs
 */
export function checkRecords(place: string, manifest: ArchivedManifest, stages: ReadonlyMap<string, string>): FileRecord[] {
  const recorded: FileRecord[] = [];
  let after = '';
  for (const [name, text] of stages) {
    const record = parseStageRecord(text);
    if (record?.hash !== manifest.hash || record.after !== after) throw differs(place, `stages/${name}.json`);
    after = sealOf(record);
    recorded.push(...record.files);
  }
  const results = recorded.filter(({ file }) => !file.startsWith('report.'));
  const isOnce = new Set(recorded.map(({ file }) => file)).size === recorded.length;
  if (!isOnce || JSON.stringify(results) !== JSON.stringify(manifest.files)) throw differs(place, 'manifest.json');
  return recorded;
}

async function checkFile(folder: string, { file, bytes, sha256 }: FileRecord): Promise<void> {
  const path = join(folder, file);
  const handle = await ifThere(path, open(path));
  if (handle === undefined) throw differs(folder, file, 'is missing');
  try {
    // Reads one byte more than recorded, so that a longer file differs.
    const content = await readBytes(handle, { at: 0, bytes: bytes + 1 });
    if (content.bytes !== bytes || content.sha256 !== sha256) throw differs(folder, file);
  } finally {
    await handle.close();
  }
}
