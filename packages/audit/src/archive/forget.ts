import { type FileHandle, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@basketwise/core';
import { type DuckdbEngine, openDuckdb } from '@basketwise/data';
import { ifThere, removeUnfinished, succeeds } from '@basketwise/data/base';
import {
  applyErasure,
  type Erasures,
  erasuresFile,
  erasuresHash,
  finishErasures,
  finishJournal,
  isSignedErasure,
  type Journal,
  type Lock,
  openSpill,
  type PublishedTable,
  parseSealed,
  preparedErasure,
  publishedTables,
  readErasures,
  takeOutput,
  writeSealed,
} from '@basketwise/pipeline';
import { type Archive, checkArchive, contentAt, isArchive, openArchive, textOf, unpackArchive } from './archive-file.ts';
import { checkRun } from './check-run.ts';
import { prepareErasure } from './erase-rows.ts';
import { type ErasureSigner, enterErasure } from './erasure-entry.ts';
import { readBytes, unfit } from './recorded-bytes.ts';
import { hasCustomers } from './run-files.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';
import { copyEntry, removeUnfinishedArchives, writeLists, writeUnder } from './write-archive.ts';

/** Result of an erasure of customers from an output folder and archives. It has no ids. */
export interface Erasure {
  /** Number of the given ids that a run folder or an archive had. */
  customers: number;
  /** Positions, from 0, of the given ids that none had. */
  absent: readonly number[];
  /** Files that were rewritten, by run folder or archive. Their paths are relative to the folder or archive. */
  touched: readonly { place: string; files: readonly string[] }[];
  /** Number of run folders and archives that were searched. */
  searched: number;
  /** Paths that were not searched: in the folder of archives, what is no archive or compressed; in run folders, CSV files of others. */
  unread: readonly string[];
  /** Names of runs with an erasure (by this or an earlier call) that no key signed or approved. These runs need new approvals. */
  unsigned: readonly string[];
  /** Tables on servers with rows of these runs. The rows of the customers stay there. */
  servers: readonly PublishedTable[];
}

/**
 * Erases customers from all run folders of an output folder, and from archives.
 * Seals and records keep the hashes of the original files, so these hashes stay provable. `erasures.json` has the hashes of the new files.
 * @param archives paths of further archives, besides those in `archives/` of the output folder
 * @param signer signs the erasure of runs whose files still agree with their signatures. The erasure of other runs is entered
 * into the journal without a signature
 * @throws AppError usage without ids, locked while a run is at work, bad-data for a damaged archive or a damaged record of the dates on a
 * server, cannot-write; errors of `signer`
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
    const servers = await publishedTables(output); // a damaged record ends the call before its work
    const written = await finishJournal(output);
    const journal = signer?.counted(written) ?? written;
    const spill = await openSpill(output, archives.map(dirname));
    const engine = await openDuckdb({ memory: '1GB', threads: 1, tempDirectory: join(spill.path, 'engine') });
    const call: ForgetCall = { output, journal, ids, lock, engine, signer, present: new Set(), unread: [] };
    try {
      const folders = await filesIn(join(output, 'runs'), () => true);
      // Run folders come first, because a damaged archive ends the call.
      const ofRuns = await eraseFromRuns(call, folders);
      const others = folders.filter((place) => !ofRuns.signed.has(place));
      const unsigned = await withoutSignature(others, journal);
      const touched = folders.map((place) => ({ place, files: ofRuns.files.get(place) ?? [] }));
      const ofArchives = await eraseFromArchives(call, archives, spill.path);
      touched.push(...ofArchives);
      // An entry without a signature proves nothing, so it may also name erasures that an earlier, killed call wrote.
      const erasures = await hashesOf(others, (place) => place);
      const { present, unread } = call;
      const customers = present.size;
      await enterErasure(output, journal, { customers, lock, erasures, isFurther: signer !== undefined });
      const changed = touched.filter(({ files }) => files.length > 0);
      const absent = ids.flatMap((id, i) => (present.has(id) ? [] : i));
      return { customers, absent, touched: changed, searched: touched.length, unread, unsigned, servers };
    } finally {
      await engine.close();
      await spill.close();
    }
  } finally {
    await lock.release();
  }
}

/** State of one call of the command, while it holds the lock of the output folder. */
interface ForgetCall {
  output: string;
  journal: Journal;
  ids: readonly string[];
  lock: Lock;
  engine: DuckdbEngine;
  signer: ErasureSigner | undefined;
  /** Ids that were in what has been searched so far. */
  present: Set<string>;
  /** Paths that could not be searched. */
  unread: string[];
}

/** Prepares the erasure from a folder. @param text manifest of its run @param place path of the folder for messages @returns names of the files that change */
async function prepareIn(call: ForgetCall, folder: string, { place = folder, text = '' }, check?: () => Promise<boolean>) {
  const config = parseSealed<{ config?: { output?: { escape_formulas?: boolean } } }>(text)?.config;
  // A run that has not ended has no manifest. Escaped texts are the default.
  const isEscaped = config?.output?.escape_formulas !== false;
  const request = { ids: call.ids, engine: call.engine, isEscaped };
  const { files, ids, unread } = await prepareErasure(folder, request, check).catch((cause) => {
    throw unfit(place, cause);
  });
  for (const id of ids) call.present.add(id);
  call.unread.push(...unread.map((file) => join(place, file)));
  return files;
}

/** As `prepareIn`, for a run folder. Removes what a killed run has not finished there. */
async function prepareInRun(call: ForgetCall, folder: string, check?: () => Promise<boolean>) {
  await removeUnfinished(folder);
  const path = join(folder, 'manifest.json');
  return prepareIn(call, folder, { text: await ifThere(path, readFile(path, 'utf8')) }, check);
}

/** Erases customers from run folders. @returns changed files by folder, and the folders whose erasure was signed */
async function eraseFromRuns(call: ForgetCall, folders: readonly string[]) {
  const files = call.signer === undefined ? new Map<string, readonly string[]>() : await eraseSigned(call, call.signer, folders);
  const signed = new Set(files.keys());
  for (const place of folders.filter((folder) => !signed.has(folder))) {
    const written = await prepareInRun(call, place);
    if (written.length > 0) await applyErasure(place);
    files.set(place, written);
  }
  return { files, signed };
}

/**
 * Erases customers from run folders whose files agree with the signatures in the journal.
 * No file changes before the erasure is signed. If the call is killed after the signature, the next command finishes the erasure.
 */
async function eraseSigned(
  call: ForgetCall,
  signer: ErasureSigner,
  folders: readonly string[],
): Promise<Map<string, readonly string[]>> {
  const { output, journal, lock } = call;
  const prepared = new Map<string, readonly string[]>();
  try {
    for (const place of folders) {
      const files = await prepareInRun(call, place, () => isAsSigned(place, journal));
      if (files.length > 0) prepared.set(place, files);
    }
    const erasures = await hashesOf([...prepared.keys()], preparedErasure);
    const sign = async (text: string) => {
      const signature = await lock.without(() => signer.sign(text));
      // Another command that ran meanwhile has removed what was prepared.
      if (String([...(await hashesOf([...prepared.keys()], preparedErasure))]) === String([...erasures])) return signature;
      throw new AppError('locked', 'another command has worked on the runs meanwhile', 'Run the command again.');
    };
    await enterErasure(output, journal, { customers: call.present.size, lock, erasures, signer: { ...signer, sign } });
  } catch (error) {
    // If the cleanup fails, too, the error of the erasure is thrown.
    await lock
      .check()
      .then(() => finishErasures(output))
      .catch(() => {});
    throw error;
  }
  for (const place of prepared.keys()) await applyErasure(place);
  return prepared;
}

/** sha256 of `erasures.json` of each run folder that has one, by run. @param placeOf returns the folder in which a run's `erasures.json` is */
async function hashesOf(folders: readonly string[], placeOf: (folder: string) => string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const folder of folders) {
    const digest = await erasuresHash(placeOf(folder));
    if (digest !== undefined) hashes.set(basename(folder), digest);
  }
  return hashes;
}

/** Names of runs that were prepared with a key, and have erasures that neither a signed erasure nor an approval covers. */
async function withoutSignature(folders: readonly string[], journal: Journal): Promise<string[]> {
  const unsigned: string[] = [];
  for (const place of folders) {
    const erasures = await erasuresHash(place);
    const isApproved = journal.entries.some(
      ({ what, run, files }) => what === 'approve' && run === basename(place) && files?.[erasuresFile] === erasures,
    );
    if (erasures === undefined || isApproved || !isPrepared(place, journal)) continue;
    if (!isSignedErasure(journal, basename(place), erasures)) unsigned.push(basename(place));
  }
  return unsigned;
}

const isPrepared = (folder: string, { entries }: Journal) =>
  entries.some(({ what, run }) => what === 'prepared' && run === basename(folder));

/**
 * Whether the files of a run agree with its records, and its erasures (if any) are signed.
 * Only then may a signed erasure follow; otherwise the new hashes would hide other changes of the files.
 */
async function isAsSigned(folder: string, journal: Journal): Promise<boolean> {
  if (!isPrepared(folder, journal)) return false;
  const erasures = await erasuresHash(folder);
  if (erasures !== undefined && !isSignedErasure(journal, basename(folder), erasures)) return false;
  return succeeds(checkRun(folder));
}

/** Sorted paths of the wanted entries of a folder; empty if the folder does not exist. */
async function filesIn(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const names = (await ifThere(folder, readdir(folder))) ?? [];
  return names
    .filter((name) => !name.startsWith('.') && isWanted(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Erases customers from the archives of the output folder and from other archives.
 * @param work folder for temporary files
 * @returns changed files, by archive
 */
async function eraseFromArchives(call: ForgetCall, others: readonly string[], work: string) {
  const folder = join(call.output, 'archives');
  const isTar = (name: string) => name.endsWith('.tar');
  await removeUnfinishedArchives(folder, (name, path) => isTar(name) || isArchive(path));
  for (const path of others) await removeUnfinishedArchives(dirname(path), (name) => name === basename(path));
  const touched: { place: string; files: readonly string[] }[] = [];
  for (const [i, place] of [...new Set([...(await filesIn(folder, () => true)), ...others])].entries()) {
    // Files of any name can be archives. A damaged one ends the call if its name says that it is an archive.
    if (isTar(place) || others.includes(place) || (await isArchive(place)))
      touched.push({ place, files: await eraseFromArchive(call, place, join(work, `archive-${i}`)) });
    else call.unread.push(place);
  }
  return touched;
}

/** Erases customers from an archive by writing a new archive. @param work empty folder for temporary files @returns files that changed */
async function eraseFromArchive(call: ForgetCall, path: string, work: string): Promise<readonly string[]> {
  const archive = await openArchive(path);
  try {
    if (!archive.list.data) return [];
    await checkArchive(archive);
    await unpackArchive(archive, work, hasCustomers);
    if (archive.erasures) await writeSealed(join(work, erasuresFile), archive.erasures);
    const files = await prepareIn(call, work, { place: path, text: await textOf(archive, 'manifest.json') });
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
  const now = new Map(erasures.files.map((record) => [record.file, record]));
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

/** Text about an erasure for the terminal. @param needsApprovals whether the config publishes runs only after approvals */
export function erasureText(
  { customers, touched, searched, unread, unsigned, servers }: Erasure,
  needsApprovals: boolean,
): string {
  return [
    ...touched.map(({ place, files }) => `${place}: ${files.join(', ')}`),
    `${customers === 1 ? '1 customer' : `${customers} customers`} erased from ${touched.length} of ${searched} run folders and archives`,
    ...unread.map((place) => `not searched, because it is no archive, no table of a run, or compressed: ${place}`),
    ...(needsApprovals && unsigned.length > 0
      ? [`not signed, and not published again without new approvals: ${unsigned.join(', ')}`]
      : []),
    ...servers.map(serverText),
    'not touched: tables of the bank, published tables on servers, exports, backups (docs/security.md)',
    '',
  ].join('\n');
}

/** A table that an erasure does not reach. */
function serverText({ target, place, dates }: PublishedTable): string {
  const [first, last] = [dates[0]!, dates.at(-1)!];
  const range = dates.length === 1 ? first : `${dates.length} dates from ${first} to ${last}`;
  return `published rows stay in ${target} ${place}: ${range}. Delete them (docs/security.md#tables-on-servers)`;
}
