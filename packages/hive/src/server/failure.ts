import { AppError, type ErrorCode } from '@basketwise/core';
import { withoutPassword, withoutValues } from '@basketwise/data';
import { MalformedReply } from './message-end.ts';
import { type HiveSettings, serverName, settingsKey } from './settings.ts';

/** Status of a statement that failed, as the server sends it. */
export interface HiveStatus {
  errorMessage?: string | null | undefined;
  errorCode?: number | null | undefined;
  sqlState?: string | null | undefined;
  infoMessages?: string[] | null | undefined;
}

/** First line of the server's message. The password, and rows and values of the data, which Hive includes in some messages, are removed. */
export function serverReason(status: HiveStatus, login: Pick<HiveSettings, 'user' | 'password'>): string {
  const text = withoutPassword(status.errorMessage ?? status.infoMessages?.[0] ?? 'no reason given', login);
  const failed = text
    .replace(/^(org\.apache\.[\w.]+: )*(Error while (processing|compiling) statement|Error (running|operating) [\w ]+): /i, '')
    .replace(/^(\[[A-Z_.]+\]) org\.apache\.[\w.]+: \1/, '$1')
    .split(/\n|, ?vertexName=|Vertex failed/)[0]!;
  return failed
    .replace(/\{.*\}?/s, '{…}')
    .replace(/\[Error (\d+)\]: /, '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 400);
}

/** Message of an error, shortened and cleaned. The server may have written it. */
export function wordsOf(error: unknown, login: Pick<HiveSettings, 'user' | 'password'>): string {
  return serverReason({ errorMessage: error instanceof Error ? error.message : String(error) }, login);
}

/** Whether an error means that the server refused the login, in contrast to a server that cannot be reached. */
export function isRefusedLogin(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('statusCode' in error) return error.statusCode === 401 || error.statusCode === 403;
  return error instanceof Error && /authenticat|validating the login/i.test(error.message);
}

interface FailureKind {
  code: ErrorCode;
  hint: string;
}

const failureKinds: readonly { matches: (code: number, reason: string) => boolean; kind: FailureKind }[] = [
  {
    matches: (_, reason) =>
      // Local file systems report that no folder can be made, instead of a permission error.
      /permission denied|HiveAccessControlException|AccessControlException|not have privileges|unable to create one|Mkdirs failed/i.test(
        reason,
      ),
    kind: { code: 'not-permitted', hint: 'Grant the user what the statement needs (docs/servers.md#permissions).' },
  },
  {
    matches: (code, reason) =>
      [10001, 10072].includes(code) ||
      /Table not found|Database does not exist|TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND/i.test(reason),
    kind: { code: 'missing-input', hint: 'Check the table names under `tables`, and the database in `source`.' },
  },
  {
    matches: (code, reason) =>
      [10002, 10004].includes(code) || /Invalid (table alias or )?column reference|UNRESOLVED_COLUMN/i.test(reason),
    kind: {
      code: 'bad-data',
      hint: 'A column that the configuration names is not in the table: `basketwise doctor` lists them.',
    },
  },
  {
    matches: (code, reason) =>
      code === 40000 ||
      (code >= 10000 && code < 20000) ||
      /ParseException|SemanticException|AnalysisException|PARSE_SYNTAX_ERROR/.test(reason),
    kind: {
      code: 'config',
      hint: 'The server does not accept the statement: check the SQL in the configuration (where, derive, rules).',
    },
  },
];

/**
 * Converts the status of a refused or failed statement to an AppError. Its message names server, table and statement, and has no
 * data.
 */
export function hiveStatementFailure(settings: HiveSettings, sql: string, status: HiveStatus, place?: string): AppError {
  const found = failureKinds.find(({ matches }) => matches(status.errorCode ?? 0, status.errorMessage ?? ''))?.kind;
  const { code, hint } = found ?? { code: 'unreachable', hint: 'The statement failed on the server: its log says more.' };
  const reason = serverReason(status, settings);
  return new AppError(code, `${statementName(settings, sql, place)}: ${found ? reason : withoutValues(reason)}`, hint);
}

/** Error of a statement that ended because its connection failed, or its time limit passed. */
export function statementLost(settings: HiveSettings, sql: string, reason: unknown, place?: string): AppError {
  if (reason instanceof AppError) return reason;
  return new AppError(
    'unreachable',
    `${statementName(settings, sql, place)}: ${wordsOf(reason, settings)}`,
    `Check that the server is up and its queue has room; ${settingsKey(settings)}.statement_timeout is the time limit of a statement. Run again: finished stages are not repeated.`,
    reason instanceof Error ? { cause: reason } : {},
  );
}

/**
 * Whether a statement ended because its connection failed. False for an error of the statement itself, a malformed reply, the
 * time limit and the signal.
 */
export function isLostConnection(error: unknown): boolean {
  return (
    error instanceof AppError &&
    error.code === 'unreachable' &&
    error.cause instanceof Error &&
    !(error.cause instanceof AppError || error.cause instanceof MalformedReply)
  );
}

/**
 * Names a statement for messages: server, place, table, and the first part of its SQL. Literals are removed, because they may be
 * data of a customer.
 */
function statementName(settings: HiveSettings, sql: string, place?: string): string {
  const plain = sql
    .replace(/'(?:[^'\\]|\\.|'')*'/gs, "'…'")
    .replace(/\s+/g, ' ')
    .trim();
  const table = /\b(?:from|into|table|join|view)\s+(?:if (?:not )?exists\s+)?([\w.`\p{L}]+)/iu.exec(plain)?.[1];
  const short = plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
  const named = table === undefined ? '' : `, table ${table.replaceAll('`', '')}`;
  return `${serverName(settings)}${place === undefined ? '' : `, ${place}`}${named}, statement "${short}"`;
}
