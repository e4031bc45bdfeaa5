import { AppError } from '@basketwise/core';
import type { MadeAgain } from './make-again.ts';
import type { Program } from './program.ts';

/** Comparison of a run or an archive with its records. All files are as recorded: a difference is an error. */
export interface Verification {
  /** Path of the archive or of the run folder. */
  place: string;
  run: string;
  /** sha256 over the list of hashes of an archive; seal of the manifest of a run folder. */
  seal: string;
  /** Number of files that were compared. */
  files: number;
  /** Number of files of which the archive has the hash alone. */
  hashes: number;
  /** Files in the run folder that are in no record. */
  others: readonly string[];
  /** Number of customers erased since: hashes of the files without them are in erasures.json. */
  erased: number;
  program: {
    /** Program that made the run. */
    made: Program;
    /** Program of this command. */
    current: Program;
  };
  /** Null if the run was not made again. */
  again: MadeAgain | null;
  /** Reason why it was not; null if it was. */
  notAgain: NotAgain | null;
}

/** `erased`: customers were erased from the snapshot; `asked`: by --hashes; `data`: the archive has no rows of customers; `pushdown`: customers stayed on the server. */
export type NotAgain = 'erased' | 'asked' | 'data' | 'pushdown';

const reasons: Readonly<Record<NotAgain, string>> = {
  erased: 'not made again: the snapshot is without erased customers',
  asked: 'not made again (--hashes)',
  data: 'not made again: the archive has no rows of customers',
  pushdown: 'not made again: customers stayed on the server (pushdown)',
};

/** A verification for the terminal. */
export function verificationText(found: Verification): string {
  const { place, run, seal, files, hashes, others, erased, again, notAgain } = found;
  return [
    `${place}: run ${run}, ${files} files are as recorded`,
    ...(hashes > 0 ? [`${hashes} files are in the archive by their hash alone`] : []),
    ...(others.length > 0 ? [`in no record: ${others.join(', ')}`] : []),
    ...(erased > 0 ? [erasedText(erased)] : []),
    ...(again ? againLines(again) : [reasons[notAgain ?? 'asked']]),
    ...programLines(found.program),
    `seal ${seal}`,
    '',
  ].join('\n');
}

function erasedText(erased: number): string {
  const customers = erased === 1 ? '1 customer was' : `${erased} customers were`;
  return `${customers} erased: erasures.json has the hashes of the files without them`;
}

function againLines({ equal, without }: MadeAgain): string[] {
  const more = without.length > 0 ? [`not made again, they depend on earlier runs: ${without.join(', ')}`] : [];
  return [`made again from the snapshot: ${equal} files have the same bytes`, ...more];
}

function programLines(program: Verification['program']): string[] {
  return isSame(program) ? [] : [`made by another program: ${otherProgram(program)}`];
}

const isSame = ({ made, current }: Verification['program']) => made.code === current.code && made.kernels === current.kernels;

/** Parts of a program that differ from this one's, in words. */
function otherProgram({ made, current }: Verification['program']): string {
  const own = made.packages?.find((one) => one.startsWith('@basketwise/pipeline@'));
  const changed = made.packages?.filter((one) => !current.packages?.includes(one)) ?? [];
  return [
    `code ${made.code.slice(0, 8)}${own ? ` (${own})` : ''}, this is ${current.code.slice(0, 8)}`,
    ...(made.kernels === current.kernels ? [] : [`kernels ${made.kernels}, here ${current.kernels}: sums may round otherwise`]),
    ...(changed.length > 0 ? [`other versions here of ${changed.join(', ')}`] : []),
  ].join('; ');
}

/** Error about a run whose bytes could not be made again. */
export function notTheSame({ place, program }: Verification, file: string): AppError {
  const hint = isSame(program)
    ? 'Report this with the archive: the same program and data give the same bytes.'
    : `It was made by another program: ${otherProgram(program)}. Install that one to compare.`;
  return new AppError('bad-data', `${place}: ${file}, made again from the snapshot, has other bytes`, hint);
}
