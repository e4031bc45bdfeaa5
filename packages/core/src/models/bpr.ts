import type { BasketEntry } from '../baskets/basket-table.ts';
import { forEachRow, heldProducts, productCount, rowWeights, type TrainingSet } from '../baskets/training-rows.ts';
import { AppError } from '../error.ts';
import { bprFit, stepRoot } from '../generated/layouts.ts';
import { type Address, offset, storeRecord } from '../wasm/memory.ts';
import type { Explanation, Model, ModelState } from './model.ts';
import type { ScoredLine, ScorePlan, ScoreSpace } from './score-plan.ts';
import { topNBySteps } from './scored-model.ts';
import { seededStart } from './seeded-start.ts';

/** Parameters of Bayesian personalised ranking. */
export interface BprParameters {
  /** Length of the vectors, 1 to 256. */
  factors: number;
  /** Weight decay of each step, >= 0. Usual: .001 to .1. */
  regularization: number;
  /** Step size, > 0. It falls linearly to 0 over the iterations. Default .05. */
  learningRate?: number;
  /** Passes over the holdings, at least 1, each of at most 2^20 samples. Default 100. */
  iterations?: number;
  /** Seed of the start and of the samples, 0 to 2^32 - 1. Default 0. */
  seed?: number;
}

/** Largest number of samples of one pass. A larger bank's pass samples only some of the holdings. */
const mostSamples = 2 ** 20;

/**
 * Fits Bayesian personalised ranking (Rendle et al. 2009). A customer is the sum of their products (as in FISM, Kabbur et al.
 * 2013):
 *   score(i) = bias_i + n^-1/2 sum over held j of P_j'Q_i
 * Every basket can be scored, and no factors are stored per customer.
 * Samples come one after the other from one seeded stream: the result does not depend on workers.
 * Pseudo-products take part in the sum and are never ranked.
 * @throws AppError config if a parameter is out of range; bad-data if the steps diverge
 */
export async function fitBpr(training: TrainingSet, parameters: BprParameters): Promise<Model> {
  const { factors, regularization, learningRate = 0.05, iterations = 100, seed = 0 } = parameters;
  checkParameters({ factors, regularization, learningRate, iterations, seed });
  const { pool, table, range } = training;
  const { memory, columns, pseudoColumns } = table;
  const width = factors + (factors % 2);
  const mark = memory.mark();
  try {
    const { cumulative, holdings } = cumulativeHoldings(training);
    const p = memory.store(paddedLines(seededStart(columns, pseudoColumns, factors, seed), factors, width));
    const q = memory.store(paddedLines(seededStart(columns, pseudoColumns, factors, (seed ^ 0x5bd1_e995) >>> 0), factors, width));
    const bias = memory.allocateZeroed(columns.length * 8);
    const samples = Math.min(mostSamples, Math.ceil(holdings));
    const rows = { start: offset(table.start, range.from * 4), entry: table.entry, cumulative, rows: range.to - range.from };
    const fit = storeRecord(memory, bprFit, { ...rows, products: productCount(table), width, p, q, bias });
    for (let pass = 0; pass < (holdings > 0 ? iterations : 0); pass++) {
      const rate = learningRate * (1 - pass / iterations);
      const steps = { samples, seed: passSeed(seed, pass), rate, lambda: regularization };
      await pool.run('bprSamples', [{ fit, ...steps }], 2 * width * 8);
    }
    const take = (address: Address, count: number) => memory.f64(address, count).slice();
    const parts = {
      ...{ columns, pseudoColumns, factors: width, bias: take(bias, columns.length) },
      held: take(p, columns.length * width),
      offered: take(q, columns.length * width),
      parameters: { factors, regularization, learningRate, iterations, seed },
    };
    if (![parts.bias, parts.held, parts.offered].every((values) => values.every(Number.isFinite))) {
      throw new AppError('bad-data', `bpr: diverges at learningRate ${learningRate}`, 'Lower learningRate.');
    }
    return createBpr(parts);
  } finally {
    memory.release(mark);
  }
}

function checkParameters({ factors, regularization, learningRate, iterations, seed }: Required<BprParameters>): void {
  const refuse = (name: string, value: number, hint: string) => {
    throw new AppError('config', `bpr: ${name} is ${value}`, hint);
  };
  if (!(Number.isInteger(factors) && factors >= 1 && factors <= 256)) {
    refuse('factors', factors, 'Take a whole number from 1 to 256.');
  }
  if (!(regularization >= 0 && regularization < 1)) refuse('regularization', regularization, 'Take a number from 0 to below 1.');
  if (!(learningRate > 0 && learningRate <= 1)) refuse('learningRate', learningRate, 'Take a number above 0, at most 1.');
  if (!(Number.isInteger(iterations) && iterations >= 1)) {
    refuse('iterations', iterations, 'Take a whole number of at least 1.');
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff)) {
    refuse('seed', seed, 'Take a whole number from 0 to 4294967295.');
  }
}

/**
 * Writes the cumulative sum over the rows of weight x products held to kernel memory, f64[rows]. The last element is the number
 * of holdings.
 */
function cumulativeHoldings(training: TrainingSet): { cumulative: Address; holdings: number } {
  const { table, range } = training;
  const products = productCount(table);
  const weight = rowWeights(training);
  let holdings = 0;
  forEachRow(table, range, (entry, from, to, row) => {
    holdings += weight[row - range.from]! * heldProducts(entry, from, to, products);
    weight[row - range.from] = holdings;
  });
  return { cumulative: table.memory.store(weight), holdings };
}

/** Matrix rows of `factors` numbers, padded with zeros to `width` numbers each. */
function paddedLines(values: Float64Array, factors: number, width: number): Float64Array {
  const lines = new Float64Array((values.length / factors) * width);
  for (let line = 0; line * factors < values.length; line++) {
    lines.set(values.subarray(line * factors, (line + 1) * factors), line * width);
  }
  return lines;
}

/** Seed of a separate stream for each pass. */
function passSeed(seed: number, pass: number): number {
  return (Math.imul(seed + 1, 0xc2b2_ae3d) + Math.imul(pass + 1, 0x27d4_eb2f)) >>> 0;
}

interface BprParts {
  columns: readonly string[];
  pseudoColumns: number;
  factors: number;
  /** Bias of each column, f64[columns]. */
  bias: Float64Array;
  /** P and Q, f64[columns x factors] each. */
  held: Float64Array;
  offered: Float64Array;
  parameters: Readonly<Record<string, unknown>>;
}

function createBpr(parts: BprParts): Model {
  const { columns, pseudoColumns, factors, bias, held, offered } = parts;
  const width = columns.length;
  // Contribution of holding j to each column, computed once when j first occurs. Scoring a basket then needs no factors.
  const lines = new Map<number, Float64Array>();
  const lineOf = (j: number) => {
    const line = lines.get(j) ?? productsWith(held.subarray(j * factors, (j + 1) * factors), offered, width);
    lines.set(j, line);
    return line;
  };
  const addSteps = (plan: ScorePlan, space: ScoreSpace): ScoredLine => {
    const matrix = new Float64Array(width * width);
    for (let j = 0; j < width; j++) matrix.set(lineOf(j), j * width);
    const line = plan.line(space);
    const values = plan.store(matrix, space);
    const part = plan.add({ kind: stepRoot, line, padded: space.padded, values, ...plan.sum(space, bias) });
    return { line, isLog: false, part };
  };
  const foldIn = (basket: readonly BasketEntry[]) => {
    const scores = bias.slice();
    const weight = 1 / Math.sqrt(basket.length);
    for (const { column } of basket) {
      const line = lineOf(column);
      for (let i = 0; i < width; i++) scores[i]! += weight * line[i]!;
    }
    return scores;
  };
  return {
    kind: 'bpr',
    columns,
    pseudoColumns,
    topN: (request) => topNBySteps({ columns, foldIn, addSteps }, request),
    addSteps,
    foldIn,
    explain: (basket, column) => explainBpr(parts, basket, column),
    state: () => bprState(parts),
  };
}

function bprState({ columns, pseudoColumns, factors, bias, held, offered, parameters }: BprParts): ModelState {
  const rows = columns.length;
  const matrices = {
    bias: { rows: 1, columns: rows, values: bias },
    held: { rows, columns: factors, values: held },
    offered: { rows, columns: factors, values: offered },
  };
  return { kind: 'bpr', columns, pseudoColumns, parameters, matrices };
}

/** Inner products p'Q_i for every column i, f64[columns]. */
function productsWith(p: Float64Array, offered: Float64Array, width: number): Float64Array {
  const line = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let k = 0; k < p.length; k++) sum += p[k]! * offered[i * p.length + k]!;
    line[i] = sum;
  }
  return line;
}

/**
 * Explains a score. Held product j contributes n^-1/2 P_j'Q_i. The bias and the contributions of pseudo-products form the
 * baseline.
 */
function explainBpr(parts: BprParts, basket: readonly BasketEntry[], column: number): Explanation {
  const { columns, pseudoColumns, factors, bias, held, offered } = parts;
  let baseline = bias[column]!;
  let score = baseline;
  const contributions: { column: number; value: number }[] = [];
  for (const { column: j } of basket) {
    let value = 0;
    for (let k = 0; k < factors; k++) value += held[j * factors + k]! * offered[column * factors + k]!;
    value /= Math.sqrt(basket.length);
    score += value;
    if (j >= columns.length - pseudoColumns) baseline += value;
    else contributions.push({ column: j, value });
  }
  return { score, baseline, contributions: contributions.sort((a, b) => b.value - a.value || a.column - b.column) };
}

/** Restores a BPR model from its `state()`. */
export function bprOf({ columns, pseudoColumns, parameters, matrices }: ModelState): Model {
  const values = (name: string) => Float64Array.from(matrices[name]!.values);
  return createBpr({
    ...{ columns, pseudoColumns, parameters, factors: matrices.held!.columns },
    ...{ bias: values('bias'), held: values('held'), offered: values('offered') },
  });
}
