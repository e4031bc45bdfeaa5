/** Kind of failure. */
export type ErrorCode =
  | 'usage'
  | 'bad-data'
  | 'missing-input'
  | 'unreachable'
  | 'bug'
  | 'locked'
  | 'cannot-write'
  | 'cluster-count'
  | 'beyond-bounds'
  | 'not-proven'
  | 'not-released'
  | 'not-permitted'
  | 'config'
  | 'interrupted'
  | 'terminated';

/** Exit code of a command for each kind of error, as in sysexits.h if that header has the kind. For a signal, 128 + the number of the signal. */
export const exitCodes = {
  usage: 64,
  'bad-data': 65,
  'missing-input': 66,
  unreachable: 69,
  bug: 70,
  'not-proven': 71,
  'not-released': 72,
  locked: 73,
  'cannot-write': 74,
  'cluster-count': 75,
  'beyond-bounds': 76,
  'not-permitted': 77,
  config: 78,
  interrupted: 130,
  terminated: 143,
} as const satisfies Record<ErrorCode, number>;

/** Replaces user and password of the URLs in a text by `[redacted]`. */
export function withoutPasswords(text: string): string {
  return text.replace(/:\/\/[^\s"'`<>]*@/g, '://[redacted]@');
}

/** Mark of an AppError, the same in all copies of this package in a process. */
const brand: unique symbol = Symbol.for('@basketwise/core/AppError');

/**
 * Only error type of Basketwise. `message` gives the cause, its place and the wrong setting. `hint` gives the remedy.
 * Both omit ids and values of customers. They name the column, the row number or the count instead.
 * `instanceof` recognises errors of every copy of the class.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(withoutPasswords(message), options);
    this.name = 'AppError';
    this.code = code;
    this.hint = withoutPasswords(hint);
  }

  get [brand](): true {
    return true;
  }

  /** Whether a value is an AppError of any copy of this package. An engine may be installed with its own copy. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** Address of the repository on the web, without a slash at its end; empty until there is one. RELEASING.md says what reads it. */
export const repositoryAddress: string = '';

/** Hint of a failure that only a change of the program ends. */
export const reportHint =
  repositoryAddress === '' ? 'Report this with the log.' : `Report this with the log: ${repositoryAddress}/issues.`;

/** Failure of Basketwise itself. */
export function bug(message: string): AppError {
  return new AppError('bug', message, reportHint);
}

/**
 * Value of a key that must exist.
 * @throws AppError bug if the key does not exist; the message omits the key, which may be a value of the data
 */
export function required<Key, Value>(map: { get(key: Key): Value | undefined }, key: Key): Value {
  const value = map.get(key);
  if (value !== undefined) return value;
  throw bug('a map lacks a key that it must have');
}
