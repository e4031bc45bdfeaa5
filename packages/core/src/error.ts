/** What went wrong, in the words of DESIGN 7, with the exit code a command ends with. */
export const exitCodes = {
  usage: 64,
  'bad-data': 65,
  'missing-input': 66,
  unreachable: 69,
  bug: 70,
  locked: 73,
  'cannot-write': 74,
  'cluster-count': 75,
  'not-permitted': 77,
  config: 78,
  interrupted: 130,
  terminated: 143,
} as const;

/** A kind of failure; one exit code each. */
export type ErrorCode = keyof typeof exitCodes;

/**
 * The one error of Basketwise: what happened and where (`message`, naming the offending value), and what to do (`hint`).
 * Customer ids and values never go into either: name the column, the row number or the count.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.hint = hint;
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): number {
    return exitCodes[this.code];
  }
}
