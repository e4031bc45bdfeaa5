import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { exitCodes, plainText, withoutPasswords } from '@basketwise/core/base';

/** Streams and working folder of one command: those of the process, or those that the caller of `runCommand` gives. */
export interface Surroundings {
  stdout: Writable;
  stderr: Writable;
  /** Absolute path of the folder to which relative paths refer. */
  cwd: string;
}

/** Smallest and largest width of an answer, in terminal columns. */
const [narrowest, widest] = [80, 120];

/** Output of one command: its streams, its working folder and its exit code. */
export class Terminal {
  readonly cwd: string;
  /** Exit code that the command has set so far. */
  exitCode = 0;
  readonly #streams: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#streams = surroundings;
    this.cwd = surroundings.cwd;
  }

  /** Whether stderr is a terminal, so that questions can be asked. */
  get isAsking(): boolean {
    return isTerminal(this.#streams.stderr);
  }

  /** Whether both stdout and stderr are terminals. */
  get isInteractive(): boolean {
    return isTerminal(this.#streams.stdout) && isTerminal(this.#streams.stderr);
  }

  /** Width of an answer in columns: that of the terminal, but at least 80 and at most 120. 80 if stdout is not a terminal. */
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

  /**
   * Resolves a path of the command line against the working folder. If that is the folder of the process, the path is unchanged.
   */
  path(given: string): string {
    return this.cwd === process.cwd() ? given : resolve(this.cwd, given);
  }
}

function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Writes to a stream. `watchStreams` handles a stream that is closed or full. */
export function writeTo(stream: Writable, text: string): void {
  try {
    stream.write(plainText(text));
  } catch (error) {
    stream.emit('error', error); // Files and terminals are written synchronously, and some versions of Node throw then.
  }
}

/**
 * Handles failures of the standard streams. Lost messages on stderr, and a reader that closes stdout (`| head`), are ignored.
 * If the answer cannot be written for another reason, a command that succeeded otherwise ends with exit code 74.
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
