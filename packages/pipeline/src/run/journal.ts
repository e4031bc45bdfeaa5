import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@basketwise/core/base';
import {
  exactObject,
  ifThere,
  listOf,
  numberShape,
  oneOf,
  optional,
  readWhole,
  recordOf,
  shapeOf,
  syncPath,
  textShape,
  type ValueOf,
  writeFailure,
  writeWhole,
} from '@basketwise/data/base';
import { notedJournal, noteJournal } from './published-runs.ts';
import { parseSealed, sealedText } from './seal.ts';

/** File of an output folder's journal: one JSON document per line, each with the sha256 of the previous line. */
const journalFile = 'journal.jsonl';
/** File with a copy of the journal's last line. It is written before the line is appended to the journal. */
const journalHeadFile = 'journal-head.json';

const sha256Text = shapeOf<string>((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
const entryFields = {
  /** ISO time by the clock of the machine. The clock can be set, so this time is no proof. */
  at: textShape,
  /** Name of the key that signed the entry, or `user:` and the account of the operating system. */
  who: textShape,
  what: oneOf('prepared', 'approve', 'reject', 'release', 'stop', 'resume', 'forget'),
  /** Run that the entry is about. For `stop`, the run that is published instead. */
  run: optional(textShape),
  /**
   * sha256 of files that the entry is about, by name: manifest.json and other files of the run. For `forget`, `erasures.json` by
   * its path in the output folder.
   */
  files: optional(recordOf(sha256Text)),
  because: optional(textShape),
  /** Runs that a `stop` unpublished. */
  runs: optional(listOf(textShape)),
  /** Number of erased customers. */
  customers: optional(numberShape),
  /** sha256 of the names, public keys and roles in the file of keys. */
  roles: optional(sha256Text),
  /** sha256 of the previous line with its line break; empty in the first entry. */
  after: textShape,
  /** Ed25519 signature of the entry without this key, in base64. */
  signature: optional(textShape),
};
const entryShape = exactObject(entryFields);

export type JournalEntry = ValueOf<typeof entryShape>;

/** Journal in which each line has the hash of the line before it. */
export interface Journal {
  entries: readonly JournalEntry[];
  /** sha256 of the last line; empty if the journal has no line. */
  last: string;
  /** Number of bytes of all lines. */
  bytes: number;
  /** Last line, if a killed command has not written it completely. */
  unfinished?: string;
}

const headShape = exactObject({ version: oneOf(1), bytes: numberShape, line: textShape });

const hashOf = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

/**
 * Reads the journal of an output folder; empty if there is none.
 * @param mayBegin whether a journal that was removed, with its head, counts as empty
 * @throws AppError bad-data that names the first line that was changed, cut, moved or added by hand; also for a journal without the line that the
 * record of publications names
 */
export async function readJournal(output: string, mayBegin = false): Promise<Journal> {
  const [path, headPath] = [join(output, journalFile), join(output, journalHeadFile)];
  // Read first, because another process may append a line and note it meanwhile.
  const noted = await notedJournal(output);
  const { text, headText } = await readBoth(path, headPath);
  const isThere = headText !== undefined || text !== undefined;
  const head = headShape.safeParse(parseSealed(headText?.toString('utf8') ?? ''));
  if (isThere && head.data === undefined) throw faulty(headPath, 'is missing, damaged or of another version');
  const journal = head.data ? journalOf(text ?? Buffer.alloc(0), head.data, path) : { entries: [], last: '', bytes: 0 };
  if (noted === undefined || hasLine(journal, noted) || (mayBegin && !isThere)) return journal;
  throw isThere ? faulty(path, 'lacks a line that published.json names: lines are missing') : lost(path);
}

/** Whether a journal has a line with a given hash. (Each line has the hash of the line before it.) */
export function hasLine({ entries, last }: Journal, hash: string): boolean {
  return last === hash || entries.some(({ after }) => after === hash);
}

function lost(path: string): AppError {
  return new AppError(
    'bad-data',
    `${path} is missing, with journal-head.json, though keys have signed runs here: a stop may be in force`,
    'Restore both from a copy. With `release` in the config, `basketwise stop` without `--to` takes all lists back and begins a new journal.',
  );
}

/** Reads a journal and its head. If another process appends an entry between the two reads, both are read again. */
async function readBoth(path: string, headPath: string): Promise<Record<'text' | 'headText', Buffer | undefined>> {
  const readHead = () => ifThere(headPath, readWhole(headPath));
  let headText = await readHead();
  for (;;) {
    const text = await ifThere(path, readWhole(path));
    const now = await readHead();
    if (now === headText || (now !== undefined && headText?.equals(now))) return { text, headText };
    headText = now;
  }
}

/** Checks and parses a journal. The last line comes from the head, because the journal's file may have only a part of it. */
function journalOf(text: Buffer, { bytes, line }: ValueOf<typeof headShape>, path: string): Journal {
  const written = Buffer.from(line);
  const tail = text.subarray(bytes);
  const isWhole = tail.equals(written);
  if (text.length < bytes) throw faulty(path, 'is cut: lines at its end are missing');
  if (!isWhole && !isUnfinished(tail, written)) throw faulty(path, 'has another end than its head names');
  const lines = [...text.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1), line.slice(0, -1)];
  const entries: JournalEntry[] = [];
  let last = '';
  for (const [i, one] of lines.entries()) {
    const entry = entryOf(one);
    if (entry?.after !== last) throw faulty(path, `line ${i + 1} was changed, or a line before it`);
    entries.push(entry);
    last = hashOf(`${one}\n`);
  }
  return { entries, last, bytes: bytes + written.length, ...(!isWhole && { unfinished: line }) };
}

/** Whether `tail` is an incomplete `line`, as a kill or a power cut leaves it: the beginning of the line, then zeros. */
function isUnfinished(tail: Buffer, line: Buffer): boolean {
  return tail.length <= line.length && tail.subarray(beginningOf(tail, line)).every((byte) => byte === 0);
}

/** Number of leading bytes that `tail` and `line` have in common. */
function beginningOf(tail: Buffer, line: Buffer): number {
  const differs = tail.findIndex((byte, i) => byte !== line[i]);
  return differs < 0 ? tail.length : differs;
}

/** Parses the entry of a line. Undefined if the line is not exactly the JSON text of an entry. */
function entryOf(line: string): JournalEntry | undefined {
  try {
    const found = entryShape.safeParse(JSON.parse(line)).data;
    return found !== undefined && JSON.stringify(found) === line ? inOrder(found) : undefined;
  } catch {
    return undefined;
  }
}

/** An entry with its keys in the order of the shape. */
function inOrder(entry: JournalEntry): JournalEntry {
  const keys = Object.keys(entryFields).filter((key) => Object.hasOwn(entry, key));
  return Object.fromEntries(keys.map((key) => [key, entry[key as keyof JournalEntry]])) as JournalEntry;
}

function faulty(path: string, problem: string): AppError {
  return new AppError('bad-data', `${path} ${problem}`, 'Compare it with a copy; docs/audit.md#the-journal says what it proves.');
}

/** Account of the operating system, for entries that no key signs. */
export function systemUser(): string {
  try {
    return `user:${userInfo().username}`;
  } catch {
    return 'user:unknown'; // containers can run accounts without a name
  }
}

/** Text that the signature of an entry covers. */
export function signedText({ signature: _, ...entry }: JournalEntry): string {
  return JSON.stringify(entry);
}

/**
 * Appends an entry to the journal, safe against a power cut. The caller must hold the lock of the output folder. The head is
 * written first. If a kill leaves the new line incomplete, a later command completes it from the head.
 * @param sign signs a text; returns the signature in base64
 * A stop of all publications may begin a new journal in place of a lost one.
 * @throws AppError bad-data for a damaged journal, locked if another process has appended an entry meanwhile, cannot-write
 */
export async function appendEntry(
  output: string,
  entry: Omit<JournalEntry, 'at' | 'after' | 'signature'>,
  sign?: (text: string) => Promise<string>,
): Promise<JournalEntry> {
  const mayBegin = entry.what === 'stop' && entry.run === undefined;
  const { last, bytes } = await finishJournal(output, mayBegin);
  // `inOrder` orders the keys of an entry, here and when the entry is read. The signed text depends on this order.
  const unsigned = inOrder({ at: new Date().toISOString(), ...entry, after: last });
  if (!entryShape.safeParse(unsigned).success) throw new Error(`no entry of a journal: ${entry.what}`);
  const whole = sign ? { ...unsigned, signature: await sign(signedText(unsigned)) } : unsigned;
  // A person may take minutes to sign, so another process may have appended an entry.
  if (sign && (await readJournal(output, mayBegin)).last !== last) throw overtaken(join(output, journalFile));
  const line = `${JSON.stringify(whole)}\n`;
  // The unfinished file has a fixed name. If a process is killed, the next process overwrites its unfinished file.
  await writeWhole(join(output, journalHeadFile), sealedText({ version: 1, bytes, line }), 'unfinished');
  await writeLine(output, bytes, line);
  // Erasures are no acts of a release: a folder without one may begin its journal again.
  if (entry.what !== 'forget') await noteJournal(output, hashOf(line));
  return whole;
}

/** Reads the journal, and completes its last line if a killed command has not. @throws AppError cannot-write; also the errors of `readJournal` */
export async function finishJournal(output: string, mayBegin = false): Promise<Journal> {
  const { unfinished, ...journal } = await readJournal(output, mayBegin);
  if (unfinished !== undefined) await writeLine(output, journal.bytes - Buffer.byteLength(unfinished), unfinished);
  return journal;
}

/**
 * Writes the last line after the first `at` bytes. If a killed command has written a part of the line, only the missing bytes are
 * appended. The file may be append-only.
 */
async function writeLine(output: string, at: number, line: string): Promise<void> {
  const path = join(output, journalFile);
  const written = Buffer.from(line);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'a+', 0o600);
    const tail = Buffer.alloc(Math.max(0, (await handle.stat()).size - at));
    await handle.read(tail, 0, tail.length, at);
    if (!isUnfinished(tail, written)) throw overtaken(path);
    const begun = beginningOf(tail, written);
    // After a power cut, zeros can stand in place of bytes that did not reach the disk.
    if (begun < tail.length) await handle.truncate(at + begun);
    await handle.writeFile(written.subarray(begun));
    await handle.sync();
    await syncPath(output);
  } catch (cause) {
    throw writeFailure(path, cause);
  } finally {
    await handle?.close();
  }
}

function overtaken(path: string): AppError {
  return new AppError('locked', `another process has appended to ${path} meanwhile`, 'Run the command again.');
}

/** Entry of the `stop` in force; undefined if publication is not stopped. */
export function stopOf({ entries }: Journal): JournalEntry | undefined {
  const last = entries.findLast(({ what }) => what === 'stop' || what === 'resume');
  return last?.what === 'stop' ? last : undefined;
}

/**
 * Refuses to publish without approvals while publication is stopped, and where keys have signed runs: another config has `release` there.
 * @throws AppError not-released; also the errors of `readJournal`
 */
export async function needNoRelease(output: string): Promise<void> {
  const journal = await readJournal(output);
  needNoStop(journal);
  const act = journal.entries.find(({ what }) => what !== 'forget');
  if (act === undefined) return;
  throw new AppError(
    'not-released',
    `${output} publishes by approvals since ${act.at}, and this config has no \`release\``,
    'Add `release` to the config, or name another output.dir.',
  );
}

/** Refuses to publish while a `stop` of the journal is in force. @throws AppError not-released */
export function needNoStop(journal: Journal): void {
  const stop = stopOf(journal);
  if (stop === undefined) return;
  throw new AppError(
    'not-released',
    `publication is stopped since ${stop.at} by ${stop.who}: ${stop.because ?? 'no reason given'}`,
    'Publication goes on after `basketwise resume`, signed by a key that may resume.',
  );
}

/** State of a run that is released by keys. `stopped`: the run was released, and a `stop` took it back. */
export type ReleaseState = 'prepared' | 'rejected' | 'released' | 'stopped';

/** Release state of each run. A later entry of the journal replaces the state of an earlier one. Signatures are not checked. */
export function releaseStates({ entries }: Journal): Map<string, ReleaseState> {
  const states = new Map<string, ReleaseState>();
  const manifests = new Map<string, string | undefined>();
  for (const { what, run, files, runs = [] } of entries) {
    const manifest = files?.['manifest.json'];
    if (what === 'prepared' && run !== undefined && manifests.get(run) !== manifest) {
      states.set(run, 'prepared');
      manifests.set(run, manifest);
    }
    if (what === 'reject' && run !== undefined) states.set(run, 'rejected');
    if (what === 'release' && run !== undefined) states.set(run, 'released');
    if (what === 'stop') for (const one of runs) states.set(one, 'stopped');
  }
  return states;
}
