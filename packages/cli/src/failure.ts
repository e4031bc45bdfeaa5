import { exitCodes } from '@basketwise/pipeline/exit-codes';
import type { CommanderError } from 'commander';

/** How a command ended that did not succeed. */
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

/** Text between quotes in the message of an engine or a parser: it may come from the data. */
const quotedText = /"[^"\n]*"|'[^'\n]*'|`[^`\n]*`/g;

/** Says what an error means for the operator; an unknown one is a bug of ours and keeps its stack, without what it quotes. */
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

/** Exit code of what commander throws: help and version are no failure, everything else is wrong usage. */
export function usageExitCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : exitCodes.usage;
}

/** Text of a failure, for stderr. */
export function failureText({ exitCode, message, hint }: Failure): string {
  return `basketwise: ${message}\n  ${hint}\n  exit code ${exitCode}\n`;
}
