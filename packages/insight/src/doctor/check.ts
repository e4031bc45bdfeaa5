import { AppError } from '@basketwise/core';
import { exitCodes } from '@basketwise/pipeline/exit-codes';

/** Result of one check of `doctor`. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  /** Result of the check, as text. */
  text: string;
  /** Advice if there is a fault. Null if the check passes. */
  hint: string | null;
  /** Exit code that a run would have because of the fault; 0 if the fault does not stop a run. */
  exitCode: number;
}

/** Makes a check that passed, or that found a fault that does not stop a run (`warning`). */
export function found(name: string, text: string, warning?: string): Check {
  return { name, status: warning === undefined ? 'ok' : 'warning', text, hint: warning ?? null, exitCode: 0 };
}

/** Makes a check that found a fault. The fault would stop a run. */
export function failedCheck(name: string, error: AppError): Check {
  return { name, status: 'failed', text: error.message, hint: error.hint, exitCode: exitCodes[error.code] };
}

/** Possible fault that does not stop a run. `hint` is the advice. */
export interface Doubt {
  text: string;
  hint: string;
}

/** Makes a check from `work`, which returns the result as text, or throws an AppError. */
export async function attemptCheck(name: string, work: () => Promise<string | Doubt>): Promise<Check> {
  try {
    const finding = await work();
    return typeof finding === 'string' ? found(name, finding) : found(name, finding.text, finding.hint);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failedCheck(name, error);
  }
}
