import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { pythonWith } from './python.ts';

/** A process that answers one command, a line of JSON, with one line of JSON. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: Interface = createInterface({ input: this.#child.stdout! });
    this.#answers = lines[Symbol.asyncIterator]();
  }

  async ask<T>(command: Readonly<Record<string, unknown>>): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`a peer ended during ${JSON.stringify(command)}`);
    return JSON.parse(value) as T;
  }

  /** The most memory that the process ever had, in bytes. */
  peakBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  close(): void {
    this.#child.stdin!.end();
  }
}

/** Packages of the peers of factorization, and of the job that is put together from them. */
const packages = ['implicit==0.7.3', 'numpy==2.4.6', 'scipy==1.17.1', 'pandas==3.1.1', 'pyarrow==26.0.1', 'threadpoolctl==3.8.0'];

/** Python with implicit; its BLAS on one thread, as implicit advises, and free to choose its kernels. */
export function implicitPython(): { python: string; env: NodeJS.ProcessEnv } {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE']) Reflect.deleteProperty(env, name);
  return { python: pythonWith('implicit', packages), env };
}

/** A peer that runs a Python script of this folder, with implicit as the default. */
export function pythonPeer(script: string, { python, env } = implicitPython()): Peer {
  return new Peer(python, [`${import.meta.dirname}/${script}`], env);
}

/** Python with LensKit, which sets the threads of its BLAS itself. */
export function lenskitPython(): ReturnType<typeof implicitPython> {
  return { python: pythonWith('lenskit', ['lenskit==2025.8.1', 'numpy==2.4.6', 'scipy==1.17.1']), env: process.env };
}

/** A peer that runs a script of this folder on Node: Basketwise in a process of its own, so that its memory can be measured. */
export function nodePeer(script: string): Peer {
  return new Peer(process.execPath, ['--import', 'tsx', `${import.meta.dirname}/${script}`]);
}
