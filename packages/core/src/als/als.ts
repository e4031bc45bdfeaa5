import { unpackEntry } from '../baskets/basket-table.ts';
import { rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { coOccurrence } from '../models/ease.ts';
import { codeRanks, seededDraw, seededStart } from '../models/seeded-start.ts';
import { offset } from '../wasm/memory.ts';
import { singular, solveCustomers, solveItems } from './als-half-steps.ts';
import { allocateItemMatrices, deriveItemMatrices, loadFactors, mostHatColumns, storeFactors } from './als-item-matrices.ts';
import { type AlsModel, createAlsModel } from './als-model.ts';
import { type AlsIteration, type AlsParameters, alsWarnings, checkAlsParameters, confidenceByBand } from './als-parameters.ts';
import { type AlsTraining, arrangeTraining } from './als-training.ts';

/** Options of a fit that are not parameters of the model. */
export interface AlsOptions {
  /** Start of the item factors, f64[columns x factors]. It replaces the start that the parameters name. */
  start?: Float64Array;
  /** Linear system of a row: `dual` has one equation per entry, `primal` one per factor. Default `auto`: the cheaper one per row. */
  rows?: 'auto' | 'dual' | 'primal';
  onIteration?: (iteration: AlsIteration) => void;
  onWarning?: (warning: string) => void;
  /** Signal that ends the fit between two half-steps. The fit throws the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Fits exact implicit ALS to distinct baskets (docs/method.md). The result does not depend on the number of workers.
 * @throws AppError config if a parameter is out of range; bad-data if a system is not positive definite or a band has no weight
 */
export async function fitAls(set: TrainingSet, parameters: AlsParameters, options: AlsOptions = {}): Promise<AlsModel> {
  return (await fitAlsAfter(set, parameters, [parameters.iterations], options))[0]!;
}

/**
 * Fits once, with the largest of the given numbers of iterations. Returns the model after each of these numbers, in their order.
 * @throws AppError as `fitAls`
 */
export async function fitAlsAfter(
  set: TrainingSet,
  given: AlsParameters,
  iterations: readonly number[],
  options: AlsOptions = {},
): Promise<AlsModel[]> {
  const parameters = { ...given, iterations: Math.max(...iterations) };
  checkAlsParameters(parameters);
  const { pool, table, range } = set;
  const { memory, columns, pseudoColumns } = table;
  for (const warning of alsWarnings(parameters, columns.length)) options.onWarning?.(warning);
  const factors = Math.min(parameters.factors, columns.length);
  const confidence = confidenceByBand(parameters);
  const mark = memory.mark();
  try {
    const start = await startFactors(set, parameters, factors, options.start);
    const longest = longestShortRow(factors, columns.length, options.rows ?? 'auto');
    const rows = { pool, table, range, weight: set.weight, confidence, dualMayPay: options.rows !== 'dual' };
    const training = await arrangeTraining({ ...rows, factors, longest });
    storeFactors(memory, training.items, start);
    const modelAfter = (history: readonly AlsIteration[], count: number) =>
      createAlsModel({
        columns: [...columns],
        pseudoColumns,
        factors,
        parameters: { ...parameters, iterations: count },
        itemFactors: loadFactors(memory, training.items, columns.length),
        history: [...history],
      });
    const models = new Map<number, AlsModel>();
    const history = await alsSweep(training, parameters, options, (before) => {
      if (iterations.includes(before.length)) models.set(before.length, modelAfter(before, before.length));
    });
    return iterations.map((count) => models.get(count) ?? modelAfter(history, count));
  } catch (error) {
    throw error instanceof AppError && error.code === 'bad-data' ? (bandWithoutWeight(set, confidence) ?? error) : error;
  } finally {
    memory.release(mark);
  }
}

/** Largest number of entries of a row that is solved in dual form (see `AlsTraining`). */
function longestShortRow(factors: number, columns: number, rows: 'auto' | 'dual' | 'primal'): number {
  if (rows === 'dual') return columns;
  return rows === 'primal' || columns > mostHatColumns ? 0 : factors - 1;
}

async function startFactors(
  set: TrainingSet,
  { start = 'seeded', seed = 0 }: AlsParameters,
  factors: number,
  given: Float64Array | undefined,
): Promise<Float64Array> {
  const { columns, pseudoColumns } = set.table;
  if (!given) return start === 'svd' ? eigenStart(set, factors) : seededStart(columns, pseudoColumns, factors, seed);
  if (given.length === columns.length * factors && given.every(Number.isFinite)) return given;
  const size = `${columns.length} x ${factors}`;
  throw new AppError('bad-data', `ALS: start factors of ${given.length} numbers`, `Give ${size} finite numbers.`);
}

/**
 * Runs sweeps until the number of iterations or the tolerance is reached.
 * Calls `onSweep` before the first sweep and after each sweep, with the results of all sweeps so far.
 */
async function alsSweep(
  training: AlsTraining,
  parameters: AlsParameters,
  options: AlsOptions,
  onSweep: (history: readonly AlsIteration[]) => void,
): Promise<AlsIteration[]> {
  const { iterations, regularization, tolerance = 0, balance = true } = parameters;
  const history: AlsIteration[] = [];
  onSweep(history);
  for (let iteration = 1; iteration <= iterations; iteration++) {
    options.signal?.throwIfAborted();
    if (!(await deriveItemMatrices(training.pool, training.items, regularization))) {
      throw singular('the item factors', regularization);
    }
    const penalty = regularization * squareNorm(training);
    const afterCustomers = (await solveCustomers(training, regularization)) + penalty;
    options.signal?.throwIfAborted();
    const solved = await solveItems(training, regularization);
    const objective = balance
      ? solved.objective - regularization * balanceNorms(training, solved.customerNorm)
      : solved.objective;
    const previous = history.at(-1)?.objective;
    history.push({ iteration, afterCustomers, objective });
    options.onIteration?.({ iteration, afterCustomers, objective });
    onSweep(history);
    if (previous !== undefined && previous - objective < tolerance * previous) break;
  }
  return history;
}

/**
 * Multiplies the item factors Y by t = sqrt(|X| / |Y|). With customer factors X / t, all scores are unchanged, and |X|^2 + |Y|^2
 * falls to its minimum 2 |X| |Y|. X itself is not divided, because the next half-step computes new customer factors.
 * @returns the decrease of |X|^2 + |Y|^2
 */
function balanceNorms(training: AlsTraining, customerNorm: number): number {
  const { table, items } = training;
  const [x, y] = [Math.sqrt(customerNorm), Math.sqrt(squareNorm(training))];
  if (!(x > 0 && y > 0)) return 0;
  const scale = Math.sqrt(x / y);
  const factors = table.memory.f64(items.y, items.products * items.width);
  for (let i = 0; i < factors.length; i++) factors[i]! *= scale;
  return (x - y) ** 2;
}

/** Sum of the squared item factors, |Y|^2. */
function squareNorm({ table, items }: AlsTraining): number {
  const factors = table.memory.f64(items.y, items.products * items.width);
  return factors.reduce((sum, value) => sum + value * value, 0);
}

/** Error that names a recency band of the training rows without a weight. Undefined if all bands have a weight. */
function bandWithoutWeight({ table, range }: TrainingSet, confidence: Float64Array): AppError | undefined {
  const start = table.memory.u32(table.start, table.rows + 1);
  const entries = table.memory.u32(table.entry, table.entries).subarray(start[range.from], start[range.to]);
  const entry = entries.find((packed) => Number.isNaN(confidence[packed & 0xff]!));
  if (entry === undefined) return undefined;
  const { band } = unpackEntry(entry);
  return new AppError('bad-data', `ALS: baskets have recency band ${band}, which has no weight`, 'Give every band a weight.');
}

/** Number of steps of the orthogonal iteration. It is fixed, because the start factors need not be exact singular vectors. */
const eigenSteps = 20;
/** Largest number of columns for this start. With 4096 columns the co-occurrence matrix, f64[columns x columns], takes 128 MiB. */
const mostColumns = 4096;

/**
 * Deterministic start of the item factors: Y = V S^(1/2), f64[columns x factors].
 * V and S are the leading right singular vectors and values of the customer-by-product matrix of 0 and 1.
 * A basket row enters that matrix once for each customer that it stands for.
 * @throws AppError config with more than 4096 columns
 */
async function eigenStart(training: TrainingSet, factors: number): Promise<Float64Array> {
  const { pool, table } = training;
  const { memory, columns, pseudoColumns } = table;
  if (columns.length > mostColumns) {
    const remedy = `Take the seeded start: svd is for at most ${mostColumns} columns.`;
    throw new AppError('config', `model: start is svd with ${columns.length} columns`, remedy);
  }
  const mark = memory.mark();
  try {
    const items = allocateItemMatrices(memory, columns.length, factors, false);
    const { products, width } = items;
    const pairs = memory.allocateZeroed(products ** 2 * 8);
    const gram = await coOccurrence(training, rowWeights(training), new Float64Array(256).fill(1));
    for (let i = 0; i < columns.length; i++) {
      const line = memory.f64(offset(gram, i * columns.length * 8), columns.length);
      memory.f64(offset(pairs, i * products * 8), products).set(line);
    }
    const q = memory.f64(items.v, width * products).fill(0);
    drawLines(q, codeRanks(columns, pseudoColumns), { factors, products });
    const call = { pairs, products, factors, width, steps: eigenSteps, q: items.v, y: items.y };
    await pool.run('alsEigenStart', [call], width * products * 8);
    return loadFactors(memory, items, columns.length);
  } finally {
    memory.release(mark);
  }
}

/**
 * Fills the start matrix of the iteration, f64[factors x products], with seeded random numbers.
 * The numbers of a product depend only on the rank of its code among all codes.
 */
function drawLines(q: Float64Array, ranks: Uint32Array, { factors, products }: { factors: number; products: number }): void {
  for (let k = 0; k < factors; k++) {
    for (let i = 0; i < ranks.length; i++) q[k * products + i] = seededDraw(0, ranks[i]!, k);
  }
}
