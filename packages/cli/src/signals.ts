import { AppError } from '@basketwise/core/base';
import { writeTo } from './terminal.ts';

/** Signals that ask a process to end, each with the code of its error and the exit code of the process. */
const endings = {
  SIGINT: { code: 'interrupted', exitCode: 130 },
  SIGTERM: { code: 'terminated', exitCode: 143 },
  SIGHUP: { code: 'terminated', exitCode: 143 },
} as const;

const controller = new AbortController();
/** Number of running jobs that can stop cleanly at a signal. */
let stoppableJobs = 0;

function stop(name: keyof typeof endings): void {
  const { code, exitCode } = endings[name];
  if (stoppableJobs === 0 || controller.signal.aborted) process.exit(exitCode);
  writeTo(process.stderr, `basketwise: ${name}: stopping; a second signal ends it at once\n`);
  controller.abort(new AppError(code, `stopped by ${name}`, 'Run the same command again: it continues from there.'));
}

/**
 * Handles SIGINT, SIGTERM and SIGHUP until the process ends. If no job can stop cleanly, a signal ends the process at once, with
 * its exit code.
 */
export function watchSignals(): void {
  for (const name of Object.keys(endings) as (keyof typeof endings)[]) process.on(name, stop);
}

/**
 * Runs a job with an AbortSignal. The first SIGINT, SIGTERM or SIGHUP aborts it, so that the job stops cleanly. A second one ends
 * the process at once.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  stoppableJobs++;
  try {
    return await work(controller.signal);
  } finally {
    stoppableJobs--;
  }
}
