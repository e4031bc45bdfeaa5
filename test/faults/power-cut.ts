import { createHash } from 'node:crypto';
import {
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { required } from '@basketwise/core';
import type { Fault } from './cage.ts';

/** A file, link or folder on a disk, independent of its names. */
type Inode = { kind: 'file'; bytes: Buffer } | { kind: 'link'; target: string } | { kind: 'folder' };

/** One thing that a program asked the disk for; `after` it, and all before it on the same inode, is durable once that is synced. */
type Effect = { on: Set<Inode>; isSafe: boolean } & (
  | { kind: 'entries'; set: { folder: Inode; name: string; inode: Inode | undefined }[] }
  | { kind: 'bytes'; offset: number; bytes: Buffer }
  | { kind: 'size'; size: number }
);

/** A state of a place after a power cut: paths relative to it, folders first. */
export type DiskState = ReadonlyMap<string, Found>;
type Found = Buffer | { target: string } | 'folder';

/** A state, and how it came about. */
export interface CutState {
  state: DiskState;
  what: string;
}

type Disk = Map<Inode, Map<string, Inode>>;

/** Which of the effects that nothing made durable are there after all; of bytes, that there are so many may be there without themselves. */
type Chosen = (effect: Effect, at: number) => boolean | 'zeros';

/**
 * States of a folder that a power cut may leave, as POSIX has it: what was synced is there, the bytes of a file after its fsync, the names in
 * a folder after the folder's; of everything else, any part. Of each moment between two operations: nothing of it, all of it, all names
 * without bytes (files that are empty, or full of zeros), each thing alone, and all but each thing.
 */
export class PowerCuts {
  readonly #root: Inode = { kind: 'folder' };
  readonly #before: Disk = new Map();
  readonly #now: Disk = new Map();
  readonly #effects: Effect[] = [];
  readonly #open = new Map<number, Inode>();
  readonly #work: string;

  /** `work` is how the log calls the place. */
  constructor(place: string, work: string) {
    this.#work = work;
    this.#load(place, this.#root);
    for (const [folder, entries] of this.#before) this.#now.set(folder, new Map(entries));
  }

  #load(path: string, folder: Inode): void {
    const entries = new Map<string, Inode>();
    this.#before.set(folder, entries);
    for (const name of readdirSync(path)) {
      const inside = join(path, name);
      const found = lstatSync(inside);
      const inode: Inode = found.isDirectory()
        ? { kind: 'folder' }
        : found.isSymbolicLink()
          ? { kind: 'link', target: readlinkSync(inside) }
          : { kind: 'file', bytes: readFileSync(inside) };
      if (inode.kind === 'folder') this.#load(inside, inode);
      entries.set(name, inode);
    }
  }

  /** The states after each operation of a log, or each `every`-th, with what they are; each state once. */
  *states(log: readonly string[][], data: Buffer, every = 1): Generator<CutState> {
    const seen = new Set<string>();
    let moment = 0;
    for (const line of log) {
      const [, op, name] = line;
      const count = this.#effects.length;
      const isSync = this.#play(line, data);
      if ((!isSync && this.#effects.length === count) || moment++ % every !== 0) continue;
      for (const [what, chosen] of this.#choices()) {
        const state = this.#materialize(chosen);
        const key = hashOf(state);
        if (seen.has(key)) continue;
        seen.add(key);
        yield { state, what: `cut after ${op} ${name}, ${what}` };
      }
    }
  }

  /** States that a kill leaves before each of some operations: all that was done until then. */
  *kills(log: readonly string[][], data: Buffer, before: readonly Fault[]): Generator<CutState> {
    const wanted = new Set(before.map(({ op, name, count }) => [op, name, count].join(' ')));
    for (const line of log) {
      const [, op, name, count] = line;
      const key = [op, name, count].join(' ');
      if (wanted.has(key)) yield { state: this.#materialize(() => true), what: `kill before ${key}` };
      this.#play(line, data);
    }
  }

  *#choices(): Generator<[string, Chosen]> {
    yield ['nothing unsynced', () => false];
    yield ['everything', () => true];
    yield ['names without bytes', ({ kind }) => kind !== 'bytes'];
    yield ['names and zeros', ({ kind }) => kind !== 'bytes' || 'zeros'];
    const pending = this.#effects.flatMap(({ isSafe }, at) => (isSafe ? [] : [at]));
    for (const only of pending) {
      yield [`only thing ${only}`, (_, at) => at === only];
      yield [`all but thing ${only}`, (_, at) => at !== only];
    }
  }

  #find(path: string): Inode | undefined {
    const parts = relative(this.#work, path)
      .split('/')
      .filter((part) => part !== '');
    let inode: Inode | undefined = this.#root;
    for (const part of parts) {
      if (inode?.kind === 'link') inode = this.#find(join(this.#work, 'out', inode.target));
      inode = inode && this.#now.get(inode)?.get(part);
    }
    return inode;
  }

  #entries(...set: [string, Inode | undefined][]): void {
    const changes = set.map(([path, inode]) => ({ folder: this.#find(dirname(path))!, name: basename(path), inode }));
    for (const { folder, name, inode } of changes) {
      const entries = required(this.#now, folder);
      if (inode) entries.set(name, inode);
      else entries.delete(name);
      if (inode?.kind === 'folder' && !this.#now.has(inode)) this.#now.set(inode, new Map());
    }
    this.#effects.push({ kind: 'entries', set: changes, on: new Set(changes.map(({ folder }) => folder)), isSafe: false });
  }

  /** Plays one line of the log; true where it made something durable. */
  #play([, op, , , path, second, fd, offset, bytes, place, flags, failure, result]: string[], data: Buffer): boolean {
    if (failure !== '0') return false;
    const file = this.#open.get(Number(fd));
    if (op === 'open') this.#openFile(path!, Number(flags), Number(result));
    else if (op === 'close') this.#open.delete(Number(fd));
    else if (op === 'write') {
      const from = Number(place);
      const written = data.subarray(from, from + Number(result));
      this.#effects.push({ kind: 'bytes', offset: Number(offset), bytes: written, on: new Set([file!]), isSafe: false });
    } else if (op === 'ftruncate' || op === 'fallocate') {
      const size = Number(offset) + (op === 'fallocate' ? Number(bytes) : 0);
      this.#effects.push({ kind: 'size', size, on: new Set([file!]), isSafe: false });
    } else if (op === 'fsync') {
      for (const effect of this.#effects) effect.isSafe ||= effect.on.has(file!);
      return true;
    } else if (op === 'mkdir') this.#entries([path!, { kind: 'folder' }]);
    else if (op === 'symlink') this.#entries([path!, { kind: 'link', target: second! }]);
    else if (op === 'unlink' || op === 'rmdir') this.#entries([path!, undefined]);
    else if (op === 'link') this.#entries([path!, this.#find(second!)]);
    else if (op === 'rename') this.#entries([path!, this.#find(second!)], [second!, undefined]);
    return false;
  }

  #openFile(path: string, flags: number, fd: number): void {
    let inode = this.#find(path);
    if (inode === undefined) {
      inode = { kind: 'file', bytes: Buffer.alloc(0) };
      this.#entries([path, inode]);
    } else if (flags & constants.O_TRUNC) this.#effects.push({ kind: 'size', size: 0, on: new Set([inode]), isSafe: false });
    this.#open.set(fd, inode);
  }

  #materialize(chosen: Chosen): DiskState {
    const disk: Disk = new Map([...this.#before].map(([folder, entries]) => [folder, new Map(entries)]));
    const bytes = new Map<Inode, Buffer>();
    const bytesOf = (inode: Inode) => bytes.get(inode) ?? (inode.kind === 'file' ? inode.bytes : Buffer.alloc(0));
    this.#effects.forEach((effect, at) => {
      const isThere = effect.isSafe || chosen(effect, at);
      if (!isThere) return;
      const [on] = effect.on as Set<Inode> & Iterable<Inode>;
      if (effect.kind === 'entries') for (const change of effect.set) setEntry(disk, change);
      else if (effect.kind === 'size') bytes.set(on!, resized(bytesOf(on!), effect.size));
      else {
        const end = effect.offset + effect.bytes.length;
        const whole = Buffer.from(resized(bytesOf(on!), Math.max(end, bytesOf(on!).length)));
        if (isThere === 'zeros') whole.fill(0, effect.offset, end);
        else effect.bytes.copy(whole, effect.offset);
        bytes.set(on!, whole);
      }
    });
    const state = new Map<string, Buffer | { target: string } | 'folder'>();
    const add = (folder: Inode, path: string) => {
      for (const [name, inode] of disk.get(folder) ?? []) {
        const inside = path === '' ? name : `${path}/${name}`;
        state.set(inside, inode.kind === 'folder' ? 'folder' : inode.kind === 'link' ? { target: inode.target } : bytesOf(inode));
        if (inode.kind === 'folder') add(inode, inside);
      }
    };
    add(this.#root, '');
    return state;
  }
}

function setEntry(disk: Disk, { folder, name, inode }: { folder: Inode; name: string; inode: Inode | undefined }): void {
  const entries = disk.get(folder) ?? new Map<string, Inode>();
  disk.set(folder, entries);
  if (inode) entries.set(name, inode);
  else entries.delete(name);
}

function resized(bytes: Buffer, size: number): Buffer {
  return size <= bytes.length ? bytes.subarray(0, size) : Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
}

function hashOf(state: DiskState): string {
  const hash = createHash('sha256');
  for (const path of [...state.keys()].sort()) {
    const found = required(state, path);
    hash.update(`\n${path}\n${found === 'folder' ? found : 'target' in found ? `-> ${found.target}` : found.length}\n`);
    if (Buffer.isBuffer(found)) hash.update(found);
  }
  return hash.digest('hex');
}

/** Writes a state into an empty folder. What is one file under several names is one again. */
export function writeState(state: DiskState, place: string): void {
  const written = new Map<Buffer, string>();
  for (const [path, found] of state) {
    const to = join(place, path);
    if (found === 'folder') mkdirSync(to, { mode: 0o700 });
    else if ('target' in found) symlinkSync(found.target, to);
    else if (written.has(found)) linkSync(required(written, found), to);
    else {
      writeFileSync(to, found, { mode: 0o600 });
      written.set(found, to);
    }
  }
}

/** Whether the record of published runs is there, whole, and ends with a run, now or before. */
function isRecorded(record: Found | undefined, run: string): boolean {
  if (!Buffer.isBuffer(record)) return false;
  try {
    const { runs, before } = JSON.parse(record.toString()) as Record<'runs' | 'before', { run: string }[]>;
    return runs.at(-1)?.run === run || before.at(-1)?.run === run;
  } catch {
    return false;
  }
}

/** Why `latest` of a state is not whole; undefined where it is, or where there is none. */
export function whyNotWhole(state: DiskState): string | undefined {
  const latest = state.get('out/latest');
  if (latest === undefined) return undefined;
  if (latest === 'folder' || !('target' in latest)) return 'latest is no link';
  if (!isRecorded(state.get('out/published.json'), basename(latest.target))) return 'published.json does not name latest';
  const folder = `out/${latest.target}`;
  const manifest = state.get(`${folder}/manifest.json`);
  if (!Buffer.isBuffer(manifest)) return 'latest points at a run without manifest.json';
  let files: { file: string; sha256: string }[];
  try {
    ({ files } = JSON.parse(manifest.toString()) as { files: typeof files });
  } catch {
    return 'manifest.json of latest is damaged';
  }
  for (const { file, sha256 } of files) {
    const found = state.get(`${folder}/${file}`);
    if (!Buffer.isBuffer(found)) return `${file} of latest is missing`;
    if (createHash('sha256').update(found).digest('hex') !== sha256) return `${file} of latest is damaged`;
  }
  return undefined;
}

/** Which file of a state is neither the old nor the new one of an erasure; undefined if there is none. @param known sha256 by path, old and new */
export function whyNotErased(state: DiskState, known: readonly Readonly<Record<string, string>>[]): string | undefined {
  for (const path of new Set(known.flatMap((files) => Object.keys(files)))) {
    const found = state.get(path);
    const hash = Buffer.isBuffer(found) ? createHash('sha256').update(found).digest('hex') : undefined;
    if (!known.some((files) => files[path] === hash)) return `${path} is neither the old nor the new file`;
  }
  return undefined;
}
