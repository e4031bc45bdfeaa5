import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { withoutPasswords } from '@basketwise/core/error';
import { plainText } from '@basketwise/core/plain-text';
import { exitCodes } from '@basketwise/pipeline/exit-codes';

/** Streams and folder of one command: those of the process, or of a caller of `runCommand`. */
export interface Surroundings {
  stdout: Writable;
  stderr: Writable;
  /** Absolute path of the base folder of relative paths. */
  cwd: string;
}

/** Fewest and most columns of the text of an answer. */
const [narrowest, widest] = [80, 120];

/** Output of a command: its streams, its folder and its exit code. */
export class Terminal {
  readonly cwd: string;
  /** Exit code of the command so far. */
  exitCode = 0;
  readonly #streams: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#streams = surroundings;
    this.cwd = surroundings.cwd;
  }

  /** Whether stderr is a terminal. */
  get isAsking(): boolean {
    return isTerminal(this.#streams.stderr);
  }

  /** Whether both streams are terminals. */
  get isInteractive(): boolean {
    return isTerminal(this.#streams.stdout) && isTerminal(this.#streams.stderr);
  }

  /** Columns of an answer: those of the terminal, from 80 to 120. 80 elsewhere. */
  get width(): number {
    const { stdout } = this.#streams;
    const columns = isTerminal(stdout) && 'columns' in stdout ? Number(stdout.columns) : 0;
    return Math.min(widest, Math.max(narrowest, columns));
  }

  /** Prints an answer on stdout. */
  readonly print = (text: string): void => writeTo(this.#streams.stdout, text);

  /** Prints a message on stderr. */
  readonly say = (text: string): void => writeTo(this.#streams.stderr, withoutPasswords(text));

  /** Prints the progress of a command on stderr. */
  readonly tell = (step: string): void => this.say(`${step}\n`);

  /** Resolves a path of the command line. In the folder of the process, it is unchanged. */
  path(given: string): string {
    return this.cwd === process.cwd() ? given : resolve(this.cwd, given);
  }
}

function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Writes to a stream. `watchStreams` handles a closed or full one. */
export function writeTo(stream: Writable, text: string): void {
  try {
    stream.write(plainText(text));
  } catch (error) {
    stream.emit('error', error); // Files and terminals are written synchronously, and some versions of Node throw then.
  }
}

/**
 * Handles failures of the standard streams. Messages on stderr may get lost, and a reader of stdout may close it (`| head`).
 * If the answer cannot be written for another reason, an otherwise successful command ends with 74.
 */
export function watchStreams(): void {
  process.stderr.on('error', () => {});
  let isReported = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isReported) return;
    isReported = true;
    process.exitCode ||= exitCodes['cannot-write'];
    writeTo(process.stderr, `basketwise: the answer cannot be written to stdout: ${error.code ?? error.name}\n`);
  });
}
