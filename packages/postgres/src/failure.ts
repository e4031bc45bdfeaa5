import { AppError, type ErrorCode } from '@basketwise/core';
import { isRefusedCertificate, type PostgresSettings, placeName, withoutPassword, withoutValues } from '@basketwise/data';

interface StateKind {
  /** SQLSTATE codes of this kind of error, whole or by their first characters. */
  states: readonly string[];
  code: ErrorCode;
  hint: string;
  /** Whether the server's message can contain values of the data. Such a message is not shown. */
  hasValues?: true;
}

/** Kinds of errors by SQLSTATE. The first entry that matches is used. */
const stateKinds: readonly StateKind[] = [
  {
    states: ['28'],
    code: 'not-permitted',
    hint: 'Check user and password in the address, and pg_hba.conf of the server.',
  },
  { states: ['3D000'], code: 'missing-input', hint: 'Check the database in the address.' },
  { states: ['3F000', '42P01'], code: 'missing-input', hint: 'Check the names of schema and tables.' },
  { states: ['42501'], code: 'not-permitted', hint: 'Grant the user what the statement needs (docs/servers.md#rights).' },
  {
    states: ['42703'],
    code: 'bad-data',
    hint: 'A column that the configuration names is not in the table. PostgreSQL keeps names in lower case unless they were quoted.',
  },
  { states: ['22', '23'], code: 'bad-data', hint: 'A value does not convert: correct it, or deliver null.', hasValues: true },
  {
    states: ['42', '25006', '0A000'],
    code: 'config',
    hint: 'PostgreSQL does not accept the statement: check the SQL in the configuration (where, derive, rules).',
  },
  { states: ['53100'], code: 'cannot-write', hint: 'Free space on the server.' },
];

interface ServerError extends Error {
  code: string;
  severity: string;
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/**
 * Converts the failure of a statement (refused by the server, or connection lost) to an AppError. Its message names the server
 * and the place, and has no data.
 */
export function postgresStatementFailure(settings: PostgresSettings, error: unknown, place?: string): AppError {
  if (error instanceof AppError) return error;
  const at = `PostgreSQL at ${placeName(settings)}${place === undefined ? '' : `, ${place}`}`;
  const kind = isServerError(error)
    ? stateKinds.find(({ states }) => states.some((state) => error.code.startsWith(state)))
    : undefined;
  const words = plainFirstLine(error, settings);
  if (kind)
    return new AppError(kind.code, `${at}: ${kind.hasValues ? withoutValues(words) : words}`, kind.hint, { cause: error });
  return new AppError(
    'unreachable',
    `${at}: ${isServerError(error) ? withoutValues(words) : words}`,
    'Check that the server is up, and its log; `statement_timeout` is the time limit of a statement. Run again: finished stages are not repeated.',
    { cause: error },
  );
}

/** Converts the failure of a connection attempt to an AppError. */
export function postgresConnectFailure(settings: PostgresSettings, error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isRefusedCertificate(error)) {
    return new AppError(
      'unreachable',
      `PostgreSQL at ${placeName(settings)}: the certificate is refused: ${plainFirstLine(error, settings)}`,
      'Check the host in the address, tls.ca (the authority that signed it) and tls.server_name (the name in it), and ask the administrator of the server for a valid one.',
      { cause: error },
    );
  }
  if (isServerError(error)) return postgresStatementFailure(settings, error);
  return new AppError(
    'unreachable',
    `PostgreSQL at ${placeName(settings)} cannot be reached: ${plainFirstLine(error, settings)}`,
    'Check host, port and `tls`, and that the server is up.',
    { cause: error },
  );
}

/** Whether the failure of a statement means that the connection was lost, so that further statements need a new one. */
export function isLost(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unreachable' && !isServerError(error.cause);
}

/** First line of an error's message, shortened, without control characters and the password. */
function plainFirstLine(error: unknown, settings: PostgresSettings): string {
  const words = error instanceof AggregateError ? (error.errors[0] as Error).message : (error as Error).message;
  return withoutPassword(words, settings)
    .split('\n')[0]!
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 400);
}
