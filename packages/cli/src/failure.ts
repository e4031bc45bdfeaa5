import { exitCodes } from '@basketwise/pipeline/exit-codes';
import type { CommanderError } from 'commander';

/** Exit code, message and hint of a command that failed. */
export interface Failure {
  code: string;
  exitCode: number;
  message: string;
  hint: string;
}

interface KnownError extends Error {
  code: keyof typeof exitCodes;
  hint: string;
}

function isKnown(error: unknown): error is KnownError {
  return error instanceof Error && error.name === 'AppError' && 'hint' in error;
}

/** Matches quoted text in a message of an engine or a parser. Such text may be data of customers. */
const quotedText = /"[^"\n]*"|'[^'\n]*'|`[^`\n]*`/g;

/**
 * Describes an error to the operator. An error that is not an AppError is a bug of Basketwise. Its message then has the stack,
 * without quoted texts.
 */
export function failureOf(error: unknown): Failure {
  if (isKnown(error)) {
    return { code: error.code, exitCode: exitCodes[error.code], message: error.message, hint: error.hint };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'bug',
    exitCode: exitCodes.bug,
    message: `internal error: ${stack.replace(quotedText, "'...'")}`,
    hint: 'Report this with the log.',
  };
}

/** Exit code of commander's errors. Help and version are no failure; all others are wrong usage. */
export function usageExitCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : exitCodes.usage;
}

/** Failure as text for stderr. */
export function failureText({ exitCode, message, hint }: Failure): string {
  return `basketwise: ${message}\n  ${hint}\n  exit code ${exitCode}\n`;
}
