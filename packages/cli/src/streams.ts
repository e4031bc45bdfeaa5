import { plainText } from '@basketwise/core/plain-text';
import { exitCodes } from '@basketwise/pipeline/exit-codes';

/** Writes to a standard stream; that it is gone, closed or full ends nothing: `watchStreams` hears of it. */
function write(stream: NodeJS.WriteStream, text: string): void {
  try {
    stream.write(plainText(text));
  } catch (error) {
    stream.emit('error', error); // files and terminals are written at once, and some versions of Node throw there
  }
}

/** Prints an answer on stdout. */
export function print(text: string): void {
  write(process.stdout, text);
}

/** Says something on stderr. */
export function say(text: string): void {
  write(process.stderr, text);
}

/**
 * Keeps trouble of the standard streams away from the command: what is said on stderr may get lost, a reader of stdout may leave (`| head`).
 * Where the answer cannot be written for another reason, a command that did not fail ends with 74.
 */
export function watchStreams(): void {
  process.stderr.on('error', () => {});
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    isTold = true;
    process.exitCode ||= exitCodes['cannot-write'];
    say(`basketwise: the answer cannot be written to stdout: ${error.code ?? error.name}\n`);
  });
}

/** Says on stderr what a command is at. */
export function tell(step: string): void {
  say(`${step}\n`);
}
