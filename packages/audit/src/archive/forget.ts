import { type FileHandle, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import {
  appendEntry,
  erasuresFile,
  finishJournal,
  hashFile,
  ifThere,
  type Journal,
  readErasures,
  systemUser,
  takeOutput,
} from '@basketwise/pipeline/base';
import { type Erasures, openSpill, writeSealed } from '@basketwise/pipeline/parts';
import { type Archive, checkArchive, contentAt, openArchive, unpackArchive } from './archive-file.ts';
import { readBytes } from './copy-bytes.ts';
import { eraseRows } from './erase-rows.ts';
import { hasCustomers } from './run-files.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';
import { copyEntry, writeLists, writeUnder } from './write-archive.ts';

/** Erasure of customers from an output folder and archives. Without ids. */
export interface Erasure {
  /** Number of ids that were given. */
  customers: number;
  /** Files that were written anew, by run folder or archive, relative to it. */
  touched: readonly { place: string; files: readonly string[] }[];
  /** Run folders and archives that were searched. */
  searched: number;
}

/**
 * Erases customers from all run folders of an output folder, and from archives. Hashes of the original files stay provable: seals and
 * records do not change, and `erasures.json` has the hashes of the new files.
 * @param archives paths, besides those in `archives/` of the output folder
 * @throws AppError usage without ids, locked while a run is at work, bad-data for a damaged archive, cannot-write
 */
export async function forgetCustomers(output: string, ids: readonly string[], archives: readonly string[]): Promise<Erasure> {
  if (ids.length === 0)
    throw new AppError('usage', 'no customer to erase', 'Give --customer ID, or --list FILE with an id a line.');
  const lock = await takeOutput(output);
  try {
    const journal = await finishJournal(output);
    const spill = await openSpill(output);
    const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(spill.path, 'engine') });
    try {
      const folders = await filesIn(join(output, 'runs'), () => true);
      const own = await filesIn(join(output, 'archives'), (name) => name.endsWith('.tar'));
      const touched: { place: string; files: string[] }[] = [];
      for (const place of folders) touched.push({ place, files: await eraseRows(place, ids, engine) });
      for (const [i, place] of [...new Set([...own, ...archives])].entries()) {
        touched.push({ place, files: await eraseFromArchive(place, ids, engine, join(spill.path, `archive-${i}`)) });
      }
      await enterErasure(output, journal, ids.length, folders);
      return { customers: ids.length, touched: touched.filter(({ files }) => files.length > 0), searched: touched.length };
    } finally {
      await engine.close();
      await spill.close();
    }
  } finally {
    await lock.release();
  }
}

/**
 * Enters an erasure into the journal: hashes of `erasures.json` of the run folders that no earlier entry has, also those that a killed
 * erasure wrote. No id.
 */
async function enterErasure(output: string, { entries }: Journal, customers: number, folders: readonly string[]): Promise<void> {
  const files: Record<string, string> = {};
  for (const folder of folders) {
    const path = join(folder, erasuresFile);
    const digest = await ifThere(path, hashFile(path));
    const name = relative(output, path);
    const isEntered = entries.some((entry) => entry.what === 'forget' && entry.files?.[name] === digest);
    if (digest !== undefined && !isEntered) files[name] = digest;
  }
  await appendEntry(output, { who: systemUser(), what: 'forget', customers, files });
}

/** Paths of the entries of a folder, sorted; none if it does not exist. */
async function filesIn(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const names = (await ifThere(folder, readdir(folder))) ?? [];
  return names
    .filter((name) => !name.startsWith('.') && isWanted(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Erases customers from an archive, which is written anew. @param work empty folder @returns the files that changed */
async function eraseFromArchive(path: string, ids: readonly string[], engine: DuckdbEngine, work: string): Promise<string[]> {
  const archive = await openArchive(path);
  try {
    if (!archive.list.data) return [];
    await checkArchive(archive);
    await unpackArchive(archive, work, hasCustomers);
    if (archive.erasures) await writeSealed(join(work, erasuresFile), archive.erasures);
    const files = await eraseRows(work, ids, engine);
    const erasures = await readErasures(work);
    if (files.length > 0 && erasures) await writeUnder(path, (handle) => writeErased(handle, archive, erasures, work));
    return files;
  } finally {
    await archive.close();
  }
}

async function writeErased(out: FileHandle, { list, entries, handle }: Archive, erasures: Erasures, work: string): Promise<void> {
  await writeLists(out, list, erasures);
  const now = new Map(erasures.files.map((one) => [one.file, one]));
  for (const entry of entries) {
    const name = `${list.run}/${entry.file}`;
    const record = now.get(entry.file);
    if (record !== undefined) {
      await copyEntry(out, name, join(work, entry.file), record);
      continue;
    }
    await out.appendFile(tarHeader(name, entry.bytes));
    await readBytes(handle, { at: contentAt(entry), bytes: entry.bytes }, (piece) => out.appendFile(piece));
    await out.appendFile(tarPadding(entry.bytes));
  }
  await out.appendFile(tarEnd);
}

/** An erasure for the terminal. */
export function erasureText({ customers, touched, searched }: Erasure): string {
  return [
    ...touched.map(({ place, files }) => `${place}: ${files.join(', ')}`),
    `${customers === 1 ? '1 customer' : `${customers} customers`} erased from ${touched.length} of ${searched} run folders and archives`,
    'not touched: tables of the bank, published tables on servers, exports, backups (docs/erasure.md)',
    '',
  ].join('\n');
}
