import { AppError } from '@basketwise/core/error';
import { say } from './streams.ts';

/**
 * Runs `work` so that SIGINT and SIGTERM stop it cleanly: the first one aborts the signal that it gets, a second one ends the process at once.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    const code = name === 'SIGINT' ? 'interrupted' : 'terminated';
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    say(`basketwise: ${name}: stopping; once more to end at once\n`);
    controller.abort(new AppError(code, `stopped by ${name}`, 'Run again: it goes on where it was.'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
