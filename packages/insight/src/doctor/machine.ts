import { constants, statfsSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import {
  AppError,
  coreQuota,
  createInlinePool,
  createNodePool,
  exitCodes,
  fitAls,
  type KernelPool,
  kernelHash,
  missingFeatures,
  tableFromRows,
  usableCores,
} from '@basketwise/core';
import { writeFailure } from '@basketwise/data/base';
import { checkOutputFolder } from '@basketwise/pipeline';
import { bytesText, kernelLimit } from './need.ts';

const oldestNode = [20, 19] as const;

/** Checks that the version of Node is supported. */
export function checkNode(version = process.versions.node): Check {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  if (isNew) return found('node', `Node ${version}`);
  return failedCheck(
    'node',
    new AppError('usage', `Node ${version} is too old`, `Install Node ${oldestNode.join('.')} or later.`),
  );
}

/** Checks that this Node and this processor can run the kernels. */
export function checkWebAssembly(missing = missingFeatures()): Check {
  if (missing.length === 0) return found('webassembly', 'SIMD and threads');
  const hint = 'Run on a processor with SSE4.1 (or 64-bit ARM), without options of Node that turn SIMD or threads off.';
  return failedCheck('webassembly', new AppError('usage', `WebAssembly lacks ${missing.join(' and ')}`, hint));
}

/** Checks that there are not more threads than cores, or than the quota of the control group allows. */
export function checkCores(threads: number, cores = availableParallelism(), quota = coreQuota()): Check {
  const usable = usableCores(cores, quota);
  const text = `${threads} threads, ${cores} cores${quota === undefined ? ', no quota' : `, quota of ${quota.toFixed(1)} cores`}`;
  return found(
    'cores',
    text,
    threads > usable ? `Set workers to auto, or to ${usable}: more threads than cores wait for each other.` : undefined,
  );
}

/** Checks the setting of transparent huge pages on Linux; `always` slows DuckDB down. Returns nothing on other systems. */
export async function checkHugePages(file = '/sys/kernel/mm/transparent_hugepage/enabled'): Promise<readonly Check[]> {
  const text = await readFile(file, 'utf8').catch(() => ''); // Another system, or a container that hides the file: no advice.
  const chosen = /\[(\w+)\]/.exec(text)?.[1];
  if (chosen === undefined) return [];
  const hint = `Write madvise to ${file}: with always a run may take a fifth longer.`;
  return [found('huge pages', `transparent huge pages: ${chosen}`, chosen === 'always' ? hint : undefined)];
}

/** Checks that a shared WebAssembly memory of the planned size can be allocated. */
export async function checkSharedMemory(bytes: number): Promise<Check> {
  const name = 'shared memory';
  const hint = 'Use fewer recency bands, fewer columns per campaign, or a host with more memory.';
  if (bytes > kernelLimit)
    return found(name, `estimated ${bytesText(bytes)} if no basket repeats, ${bytesText(kernelLimit)} at most`, hint);
  try {
    const pool = await createNodePool(1, bytes);
    await pool.close();
    return found(name, `${bytesText(bytes)} of shared WebAssembly memory is available`);
  } catch (cause) {
    return failedCheck(name, new AppError('bad-data', `${bytesText(bytes)} of shared memory: ${(cause as Error).message}`, hint));
  }
}

/** Compares free memory, or the limit of the control group if it is lower, with the estimated need. */
export function checkMemory(need: number): Check {
  const free = process.availableMemory();
  const hint = free < need ? 'Lower source.memory, or free memory: at the estimate the run may be killed.' : undefined;
  return found('memory', `estimated ${bytesText(need)} at most, ${bytesText(free)} free`, hint);
}

/** The nearest folder above `path` that exists. */
async function existingFolder(path: string): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return isThere || dirname(path) === path ? path : existingFolder(dirname(path));
}

/** Checks that `output.dir`, or the folder in which it will be created, can be written to, and has enough space. */
export async function checkOutput(output: string, need: number): Promise<Check> {
  const name = 'output';
  try {
    await checkOutputFolder(output);
    const folder = await existingFolder(output);
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const hint = free < need ? 'Free some space, lower output.keep, or choose another output.dir.' : undefined;
    return found(name, `${output} is writable: estimated ${bytesText(need)} at most, ${bytesText(free)} free`, hint);
  } catch (cause) {
    const failure = writeFailure(output, cause);
    if (failure instanceof AppError) return failedCheck(name, failure);
    throw failure;
  }
}

/** Result of one check of `doctor`. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  /** Result of the check, as text. */
  text: string;
  /** Advice if there is a fault. Null if the check passes. */
  hint: string | null;
  /** Exit code that a run would have because of the fault; 0 if the fault does not stop a run. */
  exitCode: number;
}

/** Makes a check that passed, or that found a fault that does not stop a run (`warning`). */
export function found(name: string, text: string, warning?: string): Check {
  return { name, status: warning === undefined ? 'ok' : 'warning', text, hint: warning ?? null, exitCode: 0 };
}

/** Makes a check that found a fault. The fault would stop a run. */
export function failedCheck(name: string, error: AppError): Check {
  return { name, status: 'failed', text: error.message, hint: error.hint, exitCode: exitCodes[error.code] };
}

/** Possible fault that does not stop a run. `hint` is the advice. */
export interface Doubt {
  text: string;
  hint: string;
}

/** Makes a check from `work`, which returns the result as text, or throws an AppError. */
export async function attemptCheck(name: string, work: () => Promise<string | Doubt>): Promise<Check> {
  try {
    const finding = await work();
    return typeof finding === 'string' ? found(name, finding) : found(name, finding.text, finding.hint);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failedCheck(name, error);
  }
}

const testColumns = ['A', 'B', 'C', 'D', 'E'];
/** Distinct baskets of the test. Each is a list of columns. */
const testBaskets = [[0], [0, 1], [0, 1, 2], [0, 3], [1, 2, 4], [2, 3], [3, 4]];

/** Fits a small model. Returns its item factors and the objective after each sweep. */
async function smallFit(pool: KernelPool) {
  const rows = testBaskets.map((basket, i) => ({
    entries: basket.map((column) => ({ column, band: column % 2 })),
    multiplicity: i + 1,
  }));
  const table = tableFromRows(pool.memory, testColumns, rows);
  const parameters = { factors: 4, regularization: 1, alpha: 10, iterations: 6, seed: 0, weights: [1, 0.5] };
  const model = await fitAls({ pool, table, range: { from: 0, to: table.rows } }, parameters);
  return { factors: model.itemFactors, objectives: model.history.map(({ objective }) => objective!) };
}

/**
 * Runs the kernels on threads over shared memory, and without threads. Both fits must have the same bits, and the objective must
 * not rise.
 * @throws AppError bug otherwise
 */
export async function kernelSelfTest(threads: number): Promise<string> {
  const pool = await createNodePool(threads);
  try {
    const shared = await smallFit(pool);
    const single = await smallFit(createInlinePool());
    const same = shared.factors.every((value, i) => Object.is(value, single.factors[i]));
    const falls = shared.objectives.every((value, i, all) => i === 0 || value <= all[i - 1]! * (1 + 1e-6));
    if (same && falls && shared.factors.every(Number.isFinite))
      return `kernels ${kernelHash} agree on ${threads} threads and on one`;
    const what = same ? 'the objective rose' : 'threads and one thread differ';
    throw new AppError('bug', `kernel self-test: ${what}`, 'Do not run here: report this with the CPU and the version of Node.');
  } finally {
    await pool.close();
  }
}
