import { AppError } from '@basketwise/core/error';
import { writeTo } from './terminal.ts';

/** Signals that ask a process to end: code of the error, and exit code of the process. */
const endings = {
  SIGINT: { code: 'interrupted', exitCode: 130 },
  SIGTERM: { code: 'terminated', exitCode: 143 },
  SIGHUP: { code: 'terminated', exitCode: 143 },
} as const;

const controller = new AbortController();
/** Number of running jobs that stop at the signal. */
let stoppableJobs = 0;

function stop(name: keyof typeof endings): void {
  const { code, exitCode } = endings[name];
  if (stoppableJobs === 0 || controller.signal.aborted) process.exit(exitCode);
  writeTo(process.stderr, `basketwise: ${name}: stopping; a second signal ends it at once\n`);
  controller.abort(new AppError(code, `stopped by ${name}`, 'Run the same command again: it continues from there.'));
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP during the life of the process. Without a job that can stop, they end it at once, with
 * their exit code.
 */
export function watchSignals(): void {
  for (const name of Object.keys(endings) as (keyof typeof endings)[]) process.on(name, stop);
}

/**
 * Runs a job that stops cleanly when the first SIGINT, SIGTERM or SIGHUP aborts its signal. A second one ends the process at
 * once.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  stoppableJobs++;
  try {
    return await work(controller.signal);
  } finally {
    stoppableJobs--;
  }
}
