import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const repository = join(import.meta.dirname, '../..');
/** Whom a caged program runs as: nobody. */
const nobody = 65534;

/** Why programs cannot be caged here; undefined where they can. */
export function whyNoCage(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, to give up its rights';
  for (const tool of ['cc', 'unshare', 'setpriv', 'mount', 'findmnt'])
    if (spawnSync('which', [tool]).status !== 0) return `needs ${tool}`;
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? undefined : 'needs mount namespaces';
}

/** What to fail: the `count`-th `op` on `name`, as preload.c says. */
export interface Fault {
  /** Whether the operation is to read what was written before. */
  reads: boolean;
  op: string;
  name: string;
  count: number;
  kind: string;
}

/** How a caged program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  code: number | null;
  signal: string | null;
  stderr: string;
  /** What it did to the files of its place: lines of preload.c's log. */
  log: string[][];
}

/** How to run a caged program. */
interface RunOptions {
  fault?: Fault;
  /** Keep the bytes of its writes in this file's name in the cage's log folder. */
  data?: string;
  milliseconds?: number;
}

/**
 * A cage: a folder of its own, below which programs run as nobody, in a mount namespace where everything else is read-only. Each place is a
 * folder of files that a program sees as `/CAGE/work`, so that paths are the same in all.
 */
export class Cage {
  readonly folder: string;
  readonly #work: string;
  #runs = 0;

  private constructor(folder: string) {
    this.folder = folder;
    this.#work = join(folder, 'work');
  }

  /** @throws Error where preload.c cannot be compiled */
  static async open(): Promise<Cage> {
    const cage = new Cage(mkdtempSync(join(tmpdir(), 'basketwise-faults-')));
    chmodSync(cage.folder, 0o711);
    for (const name of ['work', 'program', 'node']) mkdirSync(join(cage.folder, name));
    for (const name of ['home', 'tmp', 'logs', 'places']) cage.#owned(join(cage.folder, name));
    const source = join(import.meta.dirname, 'preload.c');
    await promisify(execFile)('cc', ['-shared', '-fPIC', '-O1', '-o', join(cage.folder, 'preload.so'), source, '-lpthread']);
    return cage;
  }

  #owned(path: string): void {
    mkdirSync(path, { recursive: true });
    chownSync(path, nobody, nobody);
  }

  /** What a program sees the place it works in as. */
  get work(): string {
    return this.#work;
  }

  /** A new place, a copy of another, or empty. */
  place(name: string, of?: string): string {
    const path = join(this.folder, 'places', name);
    rmSync(path, { recursive: true, force: true });
    if (of === undefined) this.#owned(path);
    else cpSync(of, path, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    this.own(path);
    return path;
  }

  /** Gives a place with all that is in it to the one who works there. */
  own(place: string): void {
    spawnSync('chown', ['-hR', `${nobody}:${nobody}`, place]);
  }

  remove(place: string): void {
    rmSync(place, { recursive: true, force: true });
  }

  /** Runs the command line program in a place. */
  async run(place: string, args: readonly string[], { fault, data, milliseconds = 600_000 }: RunOptions = {}): Promise<Ended> {
    const log = join(this.folder, 'logs', `${this.#runs++}`);
    const variables = {
      FAULT_ROOT: this.#work,
      FAULT_LOG: log,
      ...(data && { FAULT_DATA: join(this.folder, 'logs', data) }),
      ...(fault && { FAULT_OP: fault.op, FAULT_NAME: fault.name, FAULT_COUNT: String(fault.count), FAULT_KIND: fault.kind }),
    };
    const script = `
      set -e; cd "$1"
      mount --bind "$2" program; mount --bind "$3" node; mount --bind "$4" work
      for folder in home tmp logs; do mount --bind $folder $folder; done
      for folder in program node "$(findmnt -no TARGET -T .)" /; do mount -o remount,bind,ro $folder; done
      cd "$1/work"; shift 4
      exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --no-new-privs -- "$@"`;
    const program = [join(this.folder, 'node', 'node'), join(this.folder, 'program/packages/cli/bin/basketwise.js'), ...args];
    const preloaded = ['env', `LD_PRELOAD=${join(this.folder, 'preload.so')}`, ...program];
    const folders = [this.folder, repository, dirname(process.execPath), place];
    const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...folders, ...preloaded], {
      env: {
        PATH: process.env.PATH,
        HOME: join(this.folder, 'home'),
        UV_USE_IO_URING: '0',
        TMPDIR: join(this.folder, 'tmp'),
        ...variables,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...ended) => resolve(ended));
    });
    clearTimeout(timer);
    return { code, signal, stderr, log: readLog(log) };
  }

  /** Bytes that a program wrote, as kept under `data`. */
  data(name: string): Buffer {
    return readFileSync(join(this.folder, 'logs', name));
  }

  /** What programs left in the folder for temporary files. */
  temporary(): string[] {
    return readdirSync(join(this.folder, 'tmp'));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function readLog(path: string): string[][] {
  const lines = readFileSync(path, 'utf8').split('\n');
  rmSync(path);
  return lines.filter((line) => line !== '').map((line) => line.split('\t'));
}
