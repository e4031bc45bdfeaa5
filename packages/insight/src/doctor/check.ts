import { AppError } from '@basketwise/core';
import { exitCodes } from '@basketwise/pipeline/exit-codes';

/** One thing that was looked at. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  /** The finding. */
  text: string;
  /** Advice on it; null where all is well. */
  hint: string | null;
  /** Exit code that a run would end with. */
  exitCode: number;
}

/** A check without fault, or with a fault that does not stop a run. */
export function found(name: string, text: string, warning?: string): Check {
  return { name, status: warning === undefined ? 'ok' : 'warning', text, hint: warning ?? null, exitCode: 0 };
}

/** A check that stops a run. */
export function failedCheck(name: string, error: AppError): Check {
  return { name, status: 'failed', text: error.message, hint: error.hint, exitCode: exitCodes[error.code] };
}

/** Makes a check of work that says what it found, or throws an AppError. */
export async function attemptCheck(name: string, work: () => Promise<string>): Promise<Check> {
  try {
    return found(name, await work());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failedCheck(name, error);
  }
}
