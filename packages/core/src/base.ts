// Entry point for commands that load neither models nor kernels.
export { AppError, bug, type ErrorCode, exitCodes, reportHint, repositoryAddress, required, withoutPasswords } from './error.ts';
export { plainLine, plainText } from './plain-text.ts';
