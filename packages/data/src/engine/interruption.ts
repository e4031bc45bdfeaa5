import { AppError } from '@basketwise/core';

/** Error for a statement or connection that a signal has ended. It is the signal's reason if that is an AppError. */
export function interruption(signal: AbortSignal): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError(
    'interrupted',
    'stopped while a statement ran on the server; it was cancelled',
    'Run again: finished stages are not repeated.',
  );
}
