import type { ErrorCode } from '@basketwise/core/error';

/** The exit code of a command that ends with an error of each kind: those of sysexits.h where there is one, 128 + the signal's number. */
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
} as const satisfies Record<ErrorCode, number>;
