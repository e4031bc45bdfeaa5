import type { ErrorCode } from '@basketwise/core/error';

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
