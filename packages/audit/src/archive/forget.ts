import { type FileHandle, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import {
  applyErasure,
  erasuresFile,
  erasuresHash,
  finishErasures,
  finishJournal,
  ifThere,
  isSignedErasure,
  type Journal,
  type Lock,
  preparedErasure,
  readErasures,
  takeOutput,
} from '@basketwise/pipeline/base';
import { type Erasures, openSpill, type PublishedTable, publishedTables, writeSealed } from '@basketwise/pipeline/parts';
import { type Archive, checkArchive, contentAt, openArchive, unpackArchive } from './archive-file.ts';
import { checkRun } from './check-run.ts';
import { readBytes } from './copy-bytes.ts';
import { prepareErasure } from './erase-rows.ts';
import { type ErasureSigner, enterErasure } from './erasure-entry.ts';
import { hasCustomers } from './run-files.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';
import { copyEntry, removeUnfinishedArchives, writeLists, writeUnder } from './write-archive.ts';

/** Erasure of customers from an output folder and archives. Without ids. */
export interface Erasure {
  /** Number of ids that were given. */
  customers: number;
  /** Files that were written anew, by run folder or archive, relative to it. */
  touched: readonly { place: string; files: readonly string[] }[];
  /** Run folders and archives that were searched. */
  searched: number;
  /** Names of runs, also of earlier calls, with an erasure that no key signed or approved: they need new approvals. */
  unsigned: readonly string[];
  /** Tables on servers with rows of runs: customers stay in them. */
  servers: readonly PublishedTable[];
}

/**
 * Erases customers from all run folders of an output folder, and from archives. Hashes of the original files stay provable: seals and
 * records do not change, and `erasures.json` has the hashes of the new files.
 * @param archives paths, besides those in `archives/` of the output folder
 * @param signer signs the erasure of runs whose files are as signed before; an erasure without a signature is entered, too
 * @throws AppError usage without ids, locked while a run is at work, bad-data for a damaged archive, cannot-write; as `signer`
 */
export async function forgetCustomers(
  output: string,
  ids: readonly string[],
  archives: readonly string[],
  signer?: ErasureSigner,
): Promise<Erasure> {
  if (ids.length === 0)
    throw new AppError('usage', 'no customer to erase', 'Give --customer ID, or --list FILE with an id a line.');
  const lock = await takeOutput(output);
  try {
    const written = await finishJournal(output);
    const journal = signer?.counted(written) ?? written;
    const spill = await openSpill(output);
    const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(spill.path, 'engine') });
    const call: ForgetCall = { output, journal, customers: ids.length, ids, lock, engine, signer };
    try {
      const folders = await filesIn(join(output, 'runs'), () => true);
      // before the archives: a damaged one ends the call
      const ofRuns = await eraseFromRuns(call, folders);
      const others = folders.filter((place) => !ofRuns.signed.has(place));
      const unsigned = await withoutSignature(others, journal);
      const touched = folders.map((place) => ({ place, files: ofRuns.files.get(place) ?? [] }));
      touched.push(...(await eraseFromArchives(call, archives, spill.path)));
      // without a signature an entry vouches for nothing: it names what a killed call wrote, too
      const erasures = await hashesOf(others, (place) => place);
      await enterErasure(output, journal, { customers: ids.length, lock, erasures, isFurther: signer !== undefined });
      const changed = touched.filter(({ files }) => files.length > 0);
      const servers = await publishedTables(output);
      return { customers: ids.length, touched: changed, searched: touched.length, unsigned, servers };
    } finally {
      await engine.close();
      await spill.close();
    }
  } finally {
    await lock.release();
  }
}

/** A call, while the lock of the output folder is held. */
interface ForgetCall {
  output: string;
  journal: Journal;
  customers: number;
  ids: readonly string[];
  lock: Lock;
  engine: DuckdbEngine;
  signer: ErasureSigner | undefined;
}

/** Erases customers from run folders. @returns the files that changed by folder, and the folders whose erasure was signed */
async function eraseFromRuns(call: ForgetCall, folders: readonly string[]) {
  const { ids, engine } = call;
  const files = call.signer === undefined ? new Map<string, string[]>() : await eraseSigned(call, call.signer, folders);
  const signed = new Set(files.keys());
  for (const place of folders.filter((one) => !signed.has(one))) {
    const written = await prepareErasure(place, ids, engine);
    if (written.length > 0) await applyErasure(place);
    files.set(place, written);
  }
  return { files, signed };
}

/**
 * Erases customers from run folders whose files are as a journal has them signed. Nothing changes before the signature: with it, the next
 * command finishes a killed call.
 */
async function eraseSigned(
  { output, journal, customers, ids, lock, engine }: ForgetCall,
  signer: ErasureSigner,
  folders: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  try {
    for (const place of folders) {
      const files = await prepareErasure(place, ids, engine, () => isAsSigned(place, journal));
      if (files.length > 0) found.set(place, files);
    }
    await enterErasure(output, journal, {
      customers,
      lock,
      erasures: await hashesOf([...found.keys()], preparedErasure),
      signer,
    });
  } catch (error) {
    // throw the reason of the failure, not that of the cleanup
    await lock
      .check()
      .then(() => finishErasures(output))
      .catch(() => {});
    throw error;
  }
  for (const place of found.keys()) await applyErasure(place);
  return found;
}

/** Hashes of the erasures of run folders that have some, by run. @param placeOf folder of `erasures.json` */
async function hashesOf(folders: readonly string[], placeOf: (folder: string) => string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const digest = await erasuresHash(placeOf(folder));
    if (digest !== undefined) found.set(basename(folder), digest);
  }
  return found;
}

/** Names of runs that a key prepared, with erasures that no signed erasure and no approval covers. */
async function withoutSignature(folders: readonly string[], journal: Journal): Promise<string[]> {
  const found: string[] = [];
  for (const place of folders) {
    const erasures = await erasuresHash(place);
    const isApproved = journal.entries.some(
      ({ what, run, files }) => what === 'approve' && run === basename(place) && files?.[erasuresFile] === erasures,
    );
    if (erasures === undefined || isApproved || !isPrepared(place, journal)) continue;
    if (!isSignedErasure(journal, basename(place), erasures)) found.push(basename(place));
  }
  return found;
}

const isPrepared = (folder: string, { entries }: Journal) =>
  entries.some(({ what, run }) => what === 'prepared' && run === basename(folder));

/** Whether the files of a run are those of its records, with no erasures or signed ones: else an erasure would hide other changes. */
async function isAsSigned(folder: string, journal: Journal): Promise<boolean> {
  if (!isPrepared(folder, journal)) return false;
  const erasures = await erasuresHash(folder);
  if (erasures !== undefined && !isSignedErasure(journal, basename(folder), erasures)) return false;
  try {
    await checkRun(folder);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Paths of the entries of a folder, sorted; none if it does not exist. */
async function filesIn(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const names = (await ifThere(folder, readdir(folder))) ?? [];
  return names
    .filter((name) => !name.startsWith('.') && isWanted(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Erases customers from the archives of the output folder, and from others. @param work folder @returns the files that changed, by archive */
async function eraseFromArchives({ output, ids, engine }: ForgetCall, others: readonly string[], work: string) {
  const folder = join(output, 'archives');
  const isTar = (name: string) => name.endsWith('.tar');
  await removeUnfinishedArchives(folder, isTar);
  for (const path of others) await removeUnfinishedArchives(dirname(path), (name) => name === basename(path));
  const touched: { place: string; files: string[] }[] = [];
  for (const [i, place] of [...new Set([...(await filesIn(folder, isTar)), ...others])].entries())
    touched.push({ place, files: await eraseFromArchive(place, ids, engine, join(work, `archive-${i}`)) });
  return touched;
}

/** Erases customers from an archive, which is written anew. @param work empty folder @returns the files that changed */
async function eraseFromArchive(path: string, ids: readonly string[], engine: DuckdbEngine, work: string): Promise<string[]> {
  const archive = await openArchive(path);
  try {
    if (!archive.list.data) return [];
    await checkArchive(archive);
    await unpackArchive(archive, work, hasCustomers);
    if (archive.erasures) await writeSealed(join(work, erasuresFile), archive.erasures);
    const files = await prepareErasure(work, ids, engine);
    if (files.length > 0) await applyErasure(work);
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

/** An erasure for the terminal. @param needsApprovals whether runs are published after approvals */
export function erasureText({ customers, touched, searched, unsigned, servers }: Erasure, needsApprovals: boolean): string {
  return [
    ...touched.map(({ place, files }) => `${place}: ${files.join(', ')}`),
    `${customers === 1 ? '1 customer' : `${customers} customers`} erased from ${touched.length} of ${searched} run folders and archives`,
    ...(needsApprovals && unsigned.length > 0
      ? [`not signed, and not published again without new approvals: ${unsigned.join(', ')}`]
      : []),
    ...servers.map(serverText),
    'not touched: tables of the bank, published tables on servers, exports, backups (docs/erasure.md)',
    '',
  ].join('\n');
}

/** A table that an erasure does not reach. */
function serverText({ target, place, dates }: PublishedTable): string {
  const [first, last] = [dates[0]!, dates.at(-1)!];
  const range = dates.length === 1 ? first : `${dates.length} dates from ${first} to ${last}`;
  return `published rows stay in ${target} ${place}: ${range}. Delete them, or publish these dates again`;
}
