import { AppError } from '@basketwise/core';

/** The error of a statement, or of a connection to a server, that the signal ended: the signal's own where it has one. */
export function interruption(signal: AbortSignal): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError(
    'interrupted',
    'stopped while a statement ran on the server; it was cancelled',
    'Run again: what was done is kept.',
  );
}
