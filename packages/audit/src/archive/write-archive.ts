import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { ifThere, makeFolder, removePath, syncPath, writeFailure } from '@basketwise/data/base';
import { type Erasures, erasuresFile, erasuresHash, readErasures, recordsAfter, sealedText, sealOf } from '@basketwise/pipeline';
import { type SealList, sealFile } from './archive-file.ts';
import { readBytes } from './recorded-bytes.ts';
import { type RunFile, runFiles } from './run-files.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

/** Summary of a written archive. */
export interface ArchiveSummary {
  run: string;
  /** Path of the archive. */
  file: string;
  bytes: number;
  /** Whether the archive has the rows of customers. */
  data: boolean;
  /** Number of files in the archive. */
  files: number;
  /** Number of files of which the archive has only the hash. */
  hashes: number;
  /** sha256 over the list of all hashes. Archives with equal seals have equal contents. */
  seal: string;
}

/** Text about a written archive for the terminal. */
export function archiveText({ run, file, bytes, data, files, hashes, seal }: ArchiveSummary): string {
  const left = hashes > 0 ? `, and the hashes of ${hashes} more` : '';
  return `${file}: run ${run}, ${files} files${left}, ${bytes} bytes${data ? '' : ', without rows of customers'}\nseal ${seal}\n`;
}

/** Options of writing an archive. */
export interface ArchiveOptions {
  /** Absolute path of the archive. */
  file: string;
  /** Whether rows of customers are included. */
  data: boolean;
  /** Whether an existing file is replaced. */
  overwrite: boolean;
}

/**
 * Writes the archive of a successful run: a tar file with the manifest, models, choice, calibration, results, and a list of all hashes.
 * The same run gives the same bytes. The file gets its final name only when it is complete.
 * @throws AppError cannot-write if the file exists, bad-data if a file of the run differs from its record, locked if customers were
 * erased from the run meanwhile
 */
export async function archiveRun(output: string, run: string, options: ArchiveOptions): Promise<ArchiveSummary> {
  const { file, data, overwrite } = options;
  if (!overwrite && (await ifThere(file, stat(file))) !== undefined) {
    throw new AppError('cannot-write', `${file} exists`, 'Name another file with --to, or replace it with --overwrite.');
  }
  const folder = join(output, 'runs', run);
  const erased = await erasuresHash(folder);
  const files = await runFiles(output, run, data);
  const list: SealList = { version: 1, run, data, entries: files.map(({ from: _, ...entry }) => entry) };
  const held = files.filter((file) => file.held);
  await makeFolder(dirname(file));
  const erasures = await readErasures(folder);
  const content = { list, held, erasures };
  // No lock, so that a run can be archived while another run is at work.
  const check = async () => {
    if ((await erasuresHash(folder)) !== erased) throw erasedMeanwhile(run);
  };
  const bytes = await writeUnder(file, (handle) => writeEntries(handle, content), check);
  return { run, file, bytes, data, files: held.length, hashes: files.length - held.length, seal: sealOf(list) };
}

function erasedMeanwhile(run: string): AppError {
  return new AppError(
    'locked',
    `customers were erased from run ${run} meanwhile: no archive is written`,
    'Run the command again.',
  );
}

/** End of the name of an unfinished archive. */
const unfinishedEnd = /\.\d+\.unfinished$/;

/**
 * Removes unfinished archives from a folder. Killed calls left them, with rows of customers. A call that is still writing one fails.
 * @param isOf whether to remove the unfinished file at a path, of an archive with this name
 * @throws AppError cannot-write, errors of `isOf`
 */
export async function removeUnfinishedArchives(
  folder: string,
  isOf: (name: string, path: string) => boolean | Promise<boolean>,
): Promise<void> {
  const names = (await ifThere(folder, readdir(folder))) ?? [];
  for (const name of names.filter((file) => unfinishedEnd.test(file))) {
    const path = join(folder, name);
    if (await isOf(name.replace(unfinishedEnd, ''), path)) await removePath(path);
  }
}

/**
 * Writes a file under a temporary name, then renames it.
 * @param check called before the file is renamed. If it throws, the file is removed
 * @returns size of the file in bytes
 * @throws AppError cannot-write, errors of `check`
 */
export async function writeUnder(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
  check = async () => {},
): Promise<number> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    const handle = await open(unfinished, 'w', 0o600);
    let bytes = 0;
    try {
      await write(handle);
      await handle.sync();
      bytes = (await handle.stat()).size;
    } finally {
      await handle.close();
    }
    await check();
    await rename(unfinished, file);
    await syncPath(dirname(file));
    return bytes;
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => {}); // throw the reason of the failure, not that of the cleanup
    throw writeFailure(file, cause);
  }
}

/** Content of an archive: its files and its list of hashes. */
interface Content {
  list: SealList;
  held: readonly RunFile[];
  erasures: Erasures | undefined;
}

async function writeEntries(handle: FileHandle, { list, held, erasures }: Content): Promise<void> {
  await writeLists(handle, list, erasures);
  const after = recordsAfter(erasures);
  for (const { from, ...record } of held) {
    const name = `${list.run}/${record.file}`;
    if (typeof from === 'string') await copyEntry(handle, name, from, after(record));
    else await writeEntry(handle, name, from);
  }
  await handle.appendFile(tarEnd);
}

/** Writes the first files of an archive: the erasures, if customers were erased, and the list of hashes. */
export async function writeLists(handle: FileHandle, list: SealList, erasures: Erasures | undefined): Promise<void> {
  if (erasures) await writeEntry(handle, `${list.run}/${erasuresFile}`, Buffer.from(sealedText(erasures)));
  await writeEntry(handle, `${list.run}/${sealFile}`, Buffer.from(sealedText(list)));
}

/** Appends a file with the given content to a tar file. */
async function writeEntry(handle: FileHandle, name: string, content: Buffer): Promise<void> {
  await handle.appendFile(Buffer.concat([tarHeader(name, content.length), content, tarPadding(content.length)]));
}

/** Appends a copy of a file to a tar file. @throws AppError bad-data if the file differs from its record */
export async function copyEntry(
  handle: FileHandle,
  name: string,
  path: string,
  record: { bytes: number; sha256: string },
): Promise<void> {
  const from = await open(path).catch((cause) => {
    throw new AppError('bad-data', `${path} cannot be read`, '`basketwise verify` checks the whole run.', { cause });
  });
  try {
    await handle.appendFile(tarHeader(name, record.bytes));
    const content = await readBytes(from, { at: 0, bytes: (await from.stat()).size }, (piece) => handle.appendFile(piece));
    if (content.sha256 !== record.sha256 || content.bytes !== record.bytes) {
      throw new AppError('bad-data', `${path} differs from its record`, '`basketwise verify` checks the whole run.');
    }
    await handle.appendFile(tarPadding(record.bytes));
  } finally {
    await from.close();
  }
}
