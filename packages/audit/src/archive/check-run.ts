import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { erasuresFile, type FileRecord, ifThere, readErasures, recordsAfter, sealOf } from '@basketwise/pipeline/base';
import { readBytes } from './copy-bytes.ts';
import { differs } from './differs.ts';
import { filesBelow } from './files-below.ts';
import { type ArchivedManifest, parseRunManifest, parseRunState, parseStageRecord } from './run-manifest.ts';

/** Run folder whose files all agree with their records. */
export interface CheckedRun {
  manifest: ArchivedManifest;
  /** Text of each stage's record, by name of the stage. */
  stages: ReadonlyMap<string, string>;
  /** Number of files that were compared. */
  files: number;
  /** Files in the folder that no stage has recorded. */
  others: readonly string[];
  /** Number of customers erased from the run. */
  erased: number;
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
  const recorded: FileRecord[] = [];
  let after = '';
  for (const { name } of state.stages) {
    const file = `stages/${name}.json`;
    const written = await text(file);
    const record = parseStageRecord(written);
    if (record?.hash !== manifest.hash || record.after !== after) throw differs(folder, file);
    after = sealOf(record);
    stages.set(name, written);
    recorded.push(...record.files);
  }
  const results = recorded.filter(({ file }) => !file.startsWith('report.'));
  if (JSON.stringify(results) !== JSON.stringify(manifest.files)) throw differs(folder, 'manifest.json');
  const erasures = await readErasures(folder);
  if (!erasures && (await text(erasuresFile)) !== '') throw differs(folder, erasuresFile, 'is damaged');
  for (const record of recorded.map(recordsAfter(erasures))) await checkFile(folder, record);
  const known = new Set([
    'manifest.json',
    'run.json',
    ...(erasures ? [erasuresFile] : []),
    ...[...stages.keys()].map((name) => `stages/${name}.json`),
  ]);
  for (const { file } of recorded) known.add(file);
  const names = await filesBelow(folder, (one) => !one.isDirectory());
  return {
    manifest,
    stages,
    files: known.size,
    others: names.filter((name) => !known.has(name)),
    erased: erasures?.customers ?? 0,
  };
}

async function checkFile(folder: string, { file, bytes, sha256 }: FileRecord): Promise<void> {
  const path = join(folder, file);
  const handle = await ifThere(path, open(path));
  if (handle === undefined) throw differs(folder, file, 'is missing');
  try {
    // Reads one byte more than recorded, so that a longer file differs.
    const found = await readBytes(handle, { at: 0, bytes: bytes + 1 });
    if (found.bytes !== bytes || found.sha256 !== sha256) throw differs(folder, file);
  } finally {
    await handle.close();
  }
}
