import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bundleProgram } from './program.ts';

const repository = join(import.meta.dirname, '../..');
/** User of caged programs: nobody. */
const nobody = 65534;
/** Where files are made and removed fastest. */
const memory = '/dev/shm';

/** Why programs cannot be caged here; undefined where they can. */
export function whyNoCage(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, to give up its rights';
  for (const tool of ['cc', 'unshare', 'setpriv', 'mount', 'findmnt'])
    if (spawnSync('which', [tool]).status !== 0) return `needs ${tool}`;
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? undefined : 'needs mount namespaces';
}

/** The operation to fail: the `count`-th `op` on `name`, as preload.c says. */
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
  /** Operations on the files of its place: lines of preload.c's log. */
  log: string[][];
}

/** How to run a caged program. */
export interface RunOptions {
  fault?: Fault;
  /** Keep the bytes of its writes in this file's name in the cage's log folder. */
  data?: string;
  milliseconds?: number;
}

/**
 * A cage: a folder of its own, below which programs run as nobody, in a mount namespace where everything else is read-only. Each place is a
 * folder of files that a program sees as `/CAGE/lane/work`, so that paths are the same in all.
 */
export class Cage {
  readonly folder: string;
  #runs = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws Error where preload.c cannot be compiled */
  static async open(): Promise<Cage> {
    const cage = new Cage(mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'basketwise-faults-')));
    chmodSync(cage.folder, 0o711);
    for (const name of ['lane/work', 'program', 'node']) mkdirSync(join(cage.folder, name), { recursive: true });
    for (const name of ['home', 'tmp', 'logs', 'places', 'lanes']) cage.#owned(join(cage.folder, name));
    const source = join(import.meta.dirname, 'preload.c');
    await promisify(execFile)('cc', ['-shared', '-fPIC', '-O1', '-o', join(cage.folder, 'preload.so'), source, '-lpthread']);
    await bundleProgram(repository, join(cage.folder, 'bundle'));
    symlinkSync('program/node_modules', join(cage.folder, 'node_modules'));
    return cage;
  }

  #owned(path: string): void {
    mkdirSync(path, { recursive: true });
    chownSync(path, nobody, nobody);
  }

  /** Path at which a program sees the place it works in. */
  get work(): string {
    return join(this.folder, 'lane/work');
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

  /** Runs the command line program in a place, in a process of its own. */
  async run(place: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { name, variables } = this.variables(options);
    const child = this.start([place, 'lane/work'], ['bundle/main.mjs', ...args], variables);
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.milliseconds ?? 600_000);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...ended) => resolve(ended));
    });
    clearTimeout(timer);
    return { code, signal, stderr, log: this.log(name) };
  }

  /** Settings of preload.c for a run, and the name of its log. */
  variables({ fault, data }: RunOptions): { name: string; variables: Record<string, string> } {
    const name = `${this.#runs++}`;
    const variables = {
      ...{ FAULT_ROOT: this.work, FAULT_LOG: join(this.folder, 'logs', name) },
      ...(data && { FAULT_DATA: join(this.folder, 'logs', data) }),
      ...(fault && { FAULT_OP: fault.op, FAULT_NAME: fault.name, FAULT_COUNT: String(fault.count), FAULT_KIND: fault.kind }),
    };
    return { name, variables };
  }

  /** The lines of a log, which goes. */
  log(name: string): string[][] {
    return readLog(join(this.folder, 'logs', name));
  }

  /**
   * Starts a program of the cage.
   * @param mounted a folder, and where below the cage's the program sees it
   * @param program below the cage's folder, and its arguments
   */
  start([from, to]: [string, string], [program, ...args]: string[], variables: Readonly<Record<string, string>>): ChildProcess {
    const script = `
      set -e; cd "$1"
      mount --bind "$2" program; mount --bind "$3" node; mount --bind "$4" "$5"
      for folder in home tmp logs; do mount --bind $folder $folder; done
      for folder in program node "$(findmnt -no TARGET -T .)" /; do mount -o remount,bind,ro $folder; done
      cd "$1/$5"; shift 5
      exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --no-new-privs -- "$@"`;
    const preloaded = ['env', `LD_PRELOAD=${join(this.folder, 'preload.so')}`, join(this.folder, 'node', 'node')];
    const command = [...preloaded, join(this.folder, program!), ...args];
    const folders = [this.folder, repository, dirname(process.execPath), from, to];
    return spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...folders, ...command], {
      env: {
        PATH: process.env.PATH,
        HOME: join(this.folder, 'home'),
        UV_USE_IO_URING: '0',
        TMPDIR: join(this.folder, 'tmp'),
        ...variables,
      },
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    });
  }

  /** Bytes that a program wrote, as kept under `data`. */
  data(name: string): Buffer {
    return readFileSync(join(this.folder, 'logs', name));
  }

  /** Leavings of programs in the folder for temporary files. */
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
