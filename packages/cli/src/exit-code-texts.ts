import type { ErrorCode } from '@basketwise/core/base';

/** Texts that explain an exit code. */
interface ExitCodeText {
  /** Meaning in two or three words, for `--help`. */
  short: string;
  meaning: string;
  /** Action that the operator should take. */
  remedy: string;
}

/** Text of each exit code, for `--help` and for the reference of commands. */
export const exitCodeTexts: Readonly<Record<ErrorCode, ExitCodeText>> = {
  usage: { short: 'usage', meaning: 'The command line is wrong.', remedy: 'Correct it; `--help` lists commands and options.' },
  'bad-data': {
    short: 'bad data',
    meaning: 'The data is wrong: a missing column, a guard that failed, a system of equations without a solution.',
    remedy: 'Read the message. If a guard failed and the data is right, run with `--accept-drop`.',
  },
  'missing-input': {
    short: 'input missing',
    meaning: 'A file, table, run or customer is missing, or a table is empty.',
    remedy: 'Have it delivered again.',
  },
  unreachable: {
    short: 'source unreachable',
    meaning: 'The source cannot be reached, or a statement failed or timed out.',
    remedy: 'Run again; look at the server.',
  },
  bug: { short: 'bug', meaning: 'Basketwise has a bug.', remedy: 'Report it with the log.' },
  'not-proven': {
    short: 'not all proven',
    meaning: '`verify` found no difference, but some files were not made again, or are in no record.',
    remedy: 'Read which. `--hashes` asks for no more than hashes.',
  },
  'not-released': {
    short: 'not released',
    meaning: 'A run lacks approvals or was rejected, a key may not do this, or publication is stopped.',
    remedy: 'Read the message. See docs/audit.md.',
  },
  locked: {
    short: 'locked by another run',
    meaning: 'Another run holds the lock, or publishes to the same table.',
    remedy: 'Wait. The next run takes over locks of processes that ended.',
  },
  'cannot-write': {
    short: 'cannot write',
    meaning: 'The output, the log or stdout cannot be written: the disk is full, read-only or not permitted.',
    remedy: 'Free space, or correct the permissions of `output.dir`.',
  },
  'cluster-count': {
    short: 'cluster count',
    meaning: 'The saved cluster model has another number of clusters than the config, or a cluster is empty.',
    remedy: 'Set `k`, or remove the model file.',
  },
  'beyond-bounds': {
    short: 'beyond bounds',
    meaning: '`validate` wrote its pack, and a figure is beyond one of `validation.bounds`.',
    remedy: 'Read which bounds are named, and review the model.',
  },
  'not-permitted': {
    short: 'not permitted',
    meaning: 'The login failed, or the account may not read.',
    remedy: "Correct the account's rights.",
  },
  config: {
    short: 'config',
    meaning: 'The config is wrong: an unknown key, SQL that the engine refuses.',
    remedy: 'Correct the config at the line that the message names.',
  },
  interrupted: {
    short: 'stopped by SIGINT',
    meaning: 'SIGINT stopped the command.',
    remedy: 'Run again: the run resumes.',
  },
  terminated: {
    short: 'stopped by SIGTERM or SIGHUP',
    meaning: 'SIGTERM or SIGHUP stopped the command.',
    remedy: 'Run again: the run resumes.',
  },
};
