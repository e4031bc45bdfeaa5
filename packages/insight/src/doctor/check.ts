import { AppError } from '@basketwise/core';
import { exitCodes } from '@basketwise/pipeline/exit-codes';

/** One check of the doctor. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  /** Finding. */
  text: string;
  /** Hint; null if the check passes. */
  hint: string | null;
  /** Exit code of a run with this fault. */
  exitCode: number;
}

/** Creates a check without a fault, or with a fault that does not stop a run. */
export function found(name: string, text: string, warning?: string): Check {
  return { name, status: warning === undefined ? 'ok' : 'warning', text, hint: warning ?? null, exitCode: 0 };
}

/** Creates a failed check. Its fault would stop a run. */
export function failedCheck(name: string, error: AppError): Check {
  return { name, status: 'failed', text: error.message, hint: error.hint, exitCode: exitCodes[error.code] };
}

/** Finding that does not stop a run, but can be a fault. `hint` is the advice. */
export interface Doubt {
  text: string;
  hint: string;
}

/** Makes a check from work that returns its finding, or throws an AppError. */
export async function attemptCheck(name: string, work: () => Promise<string | Doubt>): Promise<Check> {
  try {
    const finding = await work();
    return typeof finding === 'string' ? found(name, finding) : found(name, finding.text, finding.hint);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failedCheck(name, error);
  }
}
