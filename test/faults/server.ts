import type { ChildProcess } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Cage, Ended, RunOptions } from './cage.ts';

/** A process has done enough after so many runs: what is left of each adds up. */
const mostRuns = 100;
let lanes = 0;

/** A caged process that runs the program again and again: no time goes into starting it. A fault that kills it is none for it. */
export class Server {
  readonly #cage: Cage;
  readonly #lane: string;
  #child: ChildProcess | undefined;
  #answers: Interface | undefined;
  #runs = 0;

  constructor(cage: Cage) {
    this.#cage = cage;
    this.#lane = join(cage.folder, 'lanes', `${lanes++}`);
    mkdirSync(this.#lane);
    cage.own(this.#lane);
  }

  async run(place: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const work = join(this.#lane, 'work');
    renameSync(place, work);
    try {
      return await this.#ask(args, options);
    } finally {
      renameSync(work, place);
    }
  }

  async #ask(args: readonly string[], options: RunOptions): Promise<Ended> {
    if (this.#runs++ % mostRuns === 0) this.#start();
    const { name, variables } = this.#cage.variables(options);
    this.#child!.stdin!.write(`${JSON.stringify({ folder: this.#cage.work, args, variables })}\n`);
    const child = this.#child!;
    const ended = await new Promise<Omit<Ended, 'log'>>((resolve) => {
      const gone = (code: number | null, signal: string | null) => {
        this.#runs = 0;
        resolve({ code, signal, stderr: 'the process is gone' });
      };
      child.once('exit', gone);
      this.#answers!.once('line', (line) => {
        child.off('exit', gone);
        resolve({ signal: null, ...(JSON.parse(line) as { code: number; stderr: string }) });
      });
    });
    return { ...ended, log: this.#cage.log(name) };
  }

  #start(): void {
    this.close();
    this.#child = this.#cage.start([this.#lane, 'lane'], ['bundle/serve.mjs'], {});
    this.#child.stderr!.resume();
    this.#answers = createInterface({ input: this.#child.stdio[3] as NodeJS.ReadableStream });
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#answers?.close();
  }
}
