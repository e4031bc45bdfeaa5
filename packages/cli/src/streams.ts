import { exitCodes } from '@basketwise/pipeline/exit-codes';
import { writeTo } from './terminal.ts';

/**
 * Handles failures of the standard streams: messages on stderr may get lost, a reader of stdout may close it (`| head`). If the answer
 * cannot be written for another reason, an otherwise successful command ends with 74.
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
