import { AppError, bug, exitCodes } from '@basketwise/core/base';
import type { CommanderError } from 'commander';

/** Exit code, message and hint of a command that failed. */
export interface Failure {
  code: string;
  exitCode: number;
  message: string;
  hint: string;
}

/** Matches quoted text in a message of an engine or a parser. Such text may be data of customers. */
const quotedText = /"[^"\n]*"|'[^'\n]*'|`[^`\n]*`/g;

/**
 * Describes an error to the operator. An error that is not an AppError is a bug of Basketwise. Its message then has the stack,
 * without quoted texts.
 */
export function failureOf(error: unknown): Failure {
  const { code, message, hint } = error instanceof AppError ? error : bug(`internal error: ${stackOf(error)}`);
  return { code, exitCode: exitCodes[code], message, hint };
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return stack.replace(quotedText, "'...'");
}

/** Exit code of commander's errors. Help and version are no failure; all others are wrong usage. */
export function usageExitCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : exitCodes.usage;
}

/** Failure as text for stderr. */
export function failureText({ exitCode, message, hint }: Failure): string {
  return `basketwise: ${message}\n  ${hint}\n  exit code ${exitCode}\n`;
}
