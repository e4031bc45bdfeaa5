import { AppError } from '@basketwise/core';

/** Error of a statement or connection that the signal ended: the signal's reason if it is an AppError. */
export function interruption(signal: AbortSignal): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError(
    'interrupted',
    'stopped while a statement ran on the server; it was cancelled',
    'Run again: finished stages are not repeated.',
  );
}
