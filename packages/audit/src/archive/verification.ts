import { AppError, reportHint } from '@basketwise/core';
import type { MadeAgain } from './make-again.ts';
import type { Program } from './program.ts';

/** Result of comparing a run or an archive with its records. It exists only if all files agree, because a difference is an error. */
export interface Verification {
  /** Path of the archive or of the run folder. */
  place: string;
  run: string;
  /** For an archive, sha256 over its list of hashes. For a run folder, seal (hash) of its manifest. */
  seal: string;
  /** Number of files that were compared. */
  files: number;
  /** Number of files of which the archive has only the hash. */
  hashes: number;
  /** Files that no record names: in the run folder, or in the list of the archive. */
  others: readonly string[];
  /** Number of customers erased since the run. The hashes of the files without them are in erasures.json. */
  erased: number;
  /** Files that were rewritten for it. No snapshot proves them. */
  rewritten: readonly string[];
  program: {
    /** Program that made the run. */
    made: Program;
    /** Program that runs this command. */
    current: Program;
  };
  /** Result of making the run again; null if it was not made again. */
  again: MadeAgain | null;
  /** Reason why the run was not made again; null if it was. */
  notAgain: NotAgain | null;
}

/**
 * Reason why a run is not made again.
 * - `erased`: customers were erased from the snapshot
 * - `asked`: the option --hashes was given
 * - `data`: the archive has no rows of customers
 * - `pushdown`: the customers stayed on the server
 * - `config`: this version would refuse the config of the run
 */
export type NotAgain = 'erased' | 'asked' | 'data' | 'pushdown' | 'config';

const reasons: Readonly<Record<NotAgain, string>> = {
  erased: 'not made again: the snapshot is without erased customers',
  asked: 'not made again (--hashes)',
  data: 'not made again: the archive has no rows of customers',
  pushdown: 'not made again: customers stayed on the server (pushdown)',
  config: 'not made again: this version would refuse the config of the run',
};

/** Whether all files are proven, as far as was asked: each is in a record, and was made again where customers and config allow it. */
export function isAllProven({ others, again, notAgain }: Verification): boolean {
  return others.length === 0 && (notAgain === null || notAgain === 'asked') && (again?.without.length ?? 0) === 0;
}

/** Text of a verification for the terminal. */
export function verificationText(verification: Verification): string {
  const { place, run, seal, files, hashes, others, erased, rewritten, again, notAgain } = verification;
  return [
    `${place}: run ${run}, ${files} files are as recorded`,
    ...(hashes > 0 ? [`${hashes} files are in the archive by their hash alone`] : []),
    ...(others.length > 0 ? [`in no record: ${others.join(', ')}`] : []),
    ...(rewritten.length > 0 ? [erasedText(erased, rewritten)] : []),
    ...(again ? againLines(again) : [reasons[notAgain ?? 'asked']]),
    ...programLines(verification.program),
    `seal ${seal}`,
    '',
  ].join('\n');
}

function erasedText(erased: number, rewritten: readonly string[]): string {
  const customers = erased === 1 ? '1 customer was' : `${erased} customers were`;
  return `${customers} erased: erasures.json has the hashes of ${rewritten.join(', ')} without them`;
}

function againLines({ equal, without }: MadeAgain): string[] {
  const more = without.length > 0 ? [`not made again, they depend on earlier runs: ${without.join(', ')}`] : [];
  return [`made again from the snapshot: ${equal} files have the same bytes`, ...more];
}

function programLines(program: Verification['program']): string[] {
  return isSame(program) ? [] : [`made by another program: ${otherProgram(program)}`];
}

const isSame = ({ made, current }: Verification['program']) => made.code === current.code && made.kernels === current.kernels;

/** Text that names the parts in which the program that made a run differs from the running program. */
function otherProgram({ made, current }: Verification['program']): string {
  const pipeline = made.packages?.find((name) => name.startsWith('@basketwise/pipeline@'));
  const changed = made.packages?.filter((name) => !current.packages?.includes(name)) ?? [];
  return [
    `code ${made.code.slice(0, 8)}${pipeline ? ` (${pipeline})` : ''}, this is ${current.code.slice(0, 8)}`,
    ...(made.kernels === current.kernels ? [] : [`kernels ${made.kernels}, here ${current.kernels}: sums may round otherwise`]),
    ...(changed.length > 0 ? [`other versions here of ${changed.join(', ')}`] : []),
  ].join('; ');
}

/** Error about a run that was made again with different bytes. @param file first file that differs */
export function notTheSame({ place, program }: Verification, file: string): AppError {
  const hint = isSame(program)
    ? `The same program and data give the same bytes: this is a fault of the program. ${reportHint}`
    : `It was made by another program: ${otherProgram(program)}. Install that one to compare.`;
  return new AppError('bad-data', `${place}: ${file}, made again from the snapshot, has other bytes`, hint);
}
