import { AppError, bug } from '../error.ts';
import { additiveRecord, listRequest, none, stepPlan } from '../generated/layouts.ts';
import { type Address, type Fields, type KernelMemory, nowhere, offset, storeRecord, storeRecords } from '../wasm/memory.ts';
import { blocksOf, type KernelPool, type RowRange } from '../wasm/pool.ts';
import { codeOrder } from './basket-order.ts';
import type { BasketTable, RowContexts } from './basket-table.ts';

/** Number of rows of one kernel call. The number is constant so that results do not depend on the number of workers. */
export const scoredRows = 4096;
/** The number of candidates is rounded up to a multiple of this: four vectors of four numbers. */
const lanes = 16;

/** Columns that can be recommended to at least one customer, in the order of their product codes and in the format of the kernels. */
export interface Candidates {
  /** Table column of each candidate. */
  columns: number[];
  /** Number of candidates rounded up to whole vectors. */
  padded: number;
  /** Index of each column among the candidates, u32[columns], or all bits set for none. */
  candidateOf: Address;
  /** Table column of each candidate, u32[candidates]. */
  columnOf: Address;
}

/**
 * Lists of a linear item-item model, for each row of the range. The score of a column is: s = sum over the row's entries of
 * weight x matrix[column, :].
 * ALS uses K with the weights of its dual solution; EASE and neighbourhoods use their own matrices.
 * @param request.matrix f32[columns x stride], in the table's columns, pseudo-products included
 * @param request.stride floats from one row of the matrix to the next: at least the number of the table's columns
 * @param request.weights f32[entries of the table]
 * @throws AppError config if n is not 1 to 64
 */
export async function topNLinear(request: TopNRequest & { matrix: Address; stride: number; weights: Address }): Promise<TopN> {
  const { pool, table, range, matrix, stride, weights } = request;
  return fillLists(request, async (lists) => {
    const candidates = storeCandidates(request);
    const width = candidates.padded;
    const compact = table.memory.allocate(table.columns.length * width * 4);
    const source = table.memory.f32(matrix, table.columns.length * stride);
    const target = table.memory.f32(compact, table.columns.length * width).fill(0);
    for (let row = 0; row < table.columns.length; row++) {
      for (const [i, column] of candidates.columns.entries()) target[row * width + i] = source[row * stride + column]!;
    }
    if (lists.reason !== undefined) {
      const terms = { weight: weights, matrix: compact, lines: table.memory.allocateZeroed(width * 4), linesOfTier: 1, tiers: 1 };
      await topNAdditive({ ...request, lists: { ...lists, reason: lists.reason }, candidates, terms });
      return;
    }
    const common = { request: storeRequest(request, lists, candidates), weight: weights, matrix: compact };
    const calls = blocksOf(range, scoredRows).map(({ from, to }) => ({ ...common, from, to }));
    await pool.run('topNLinearRows', calls, topNScratch(width));
  });
}

/** Lists for each row of the range, with reasons. Scores are the sums of terms given in assembly/topn/additive.ts. */
export async function topNAdditive(
  request: TopNRequest & {
    lists: TopN & { reason: Address };
    candidates: Candidates;
    terms: Fields<typeof additiveRecord>;
  },
): Promise<void> {
  const { pool, table, range, lists, candidates, terms, contexts } = request;
  const width = table.columns.length;
  const common = {
    request: storeRequest(request, lists, candidates),
    terms: storeRecords(table.memory, additiveRecord, [terms]),
    context: (terms.features ?? 0) === 0 || contexts === undefined ? nowhere : table.memory.store(contexts.ofRow),
  };
  const calls = blocksOf(range, scoredRows).map(({ from, to }) => ({ ...common, from, to }));
  // Scratch also holds the terms of a row, the contributions of exact baskets, and the weights of a row's entries for both matrices.
  await pool.run('topNAdditiveRows', calls, topNScratch(candidates.padded) + candidates.padded * 4 + width * 8 + 64);
}

/**
 * Lists for each row of the range from scores that the caller computed, for models that are not linear.
 * @param request.scores f32[rows of the range x stride], in the table's columns; the first row of scores is that of `range.from`
 * @param request.stride floats from one row of scores to the next
 * @throws AppError config if n is not 1 to 64
 */
export async function topNDense(request: TopNRequest & { scores: Address; stride: number }): Promise<TopN> {
  const { pool, range, scores, stride } = request;
  return fillLists(request, async (lists) => {
    const candidates = storeCandidates(request);
    const common = { request: storeRequest(request, lists, candidates), dense: scores, stride };
    const calls = blocksOf(range, scoredRows).map(({ from, to }) => ({ ...common, from, to }));
    await pool.run('topNDenseRows', calls, topNScratch(candidates.padded));
  });
}

/**
 * Scoring steps in kernel memory, in the format of `topNStepRows` (assembly/topn/steps.ts), with the scratch bytes for their
 * lines and solves.
 */
export interface StoredSteps {
  steps: Address;
  count: number;
  /** Indices of the steps that are sums, u32[partCount]. The largest term of these sums is the reason. */
  parts: Address;
  partCount: number;
  lineBytes: number;
  workBytes: number;
  /** Largest error of a score from approximate logarithms; 0 if no step takes logarithms. */
  slack: number;
}

/**
 * Lists for each row of the range, by the scores that the steps compute. Reasons are written if the lists have space for them.
 * @returns whether every row could be scored
 */
export async function topNSteps(
  request: TopNRequest & { lists: TopN; candidates: Candidates; stored: StoredSteps },
): Promise<boolean> {
  const { pool, table, range, lists, candidates, stored } = request;
  const { steps, count, parts, partCount, lineBytes, workBytes, slack } = stored;
  const lines = Math.ceil(topNScratch(candidates.padded) / 16) * 16;
  const common = {
    request: storeRequest(request, lists, candidates),
    plan: storeRecord(table.memory, stepPlan, { steps, count, parts, partCount, lines, work: lines + lineBytes }),
    slack,
  };
  const calls = blocksOf(range, scoredRows).map(({ from, to }) => ({ ...common, from, to }));
  const done = await pool.run('topNStepRows', calls, lines + lineBytes + workBytes);
  return done.every((ok) => ok === 1);
}

/** Copies the request, its lists and its candidates to kernel memory. They stay there until the lists are filled. */
function storeRequest({ table, range, n }: TopNRequest, lists: TopN, candidates: Candidates): Address {
  const columns = table.columns.length;
  const { count, column, score, reason = nowhere } = lists;
  return storeRecord(table.memory, listRequest, {
    ...{ start: table.start, entry: table.entry, base: range.from, columns, products: columns - table.pseudoColumns },
    ...{ candidates: candidates.columns.length, padded: candidates.padded },
    ...{ candidateOf: candidates.candidateOf, columnOf: candidates.columnOf, n, count, column, score, reason },
  });
}

/** Number of scratch bytes of a call: penalties, scores, found candidates, and four lists that rank up to 68 candidates. */
function topNScratch(padded: number): number {
  return padded * 12 + 16 + 4 * 68 * 4;
}

/** Copies the candidates to kernel memory. They stay there until the lists are filled. */
export function storeCandidates({ table, allowed }: Pick<TopNRequest, 'table' | 'allowed'>): Candidates {
  const products = table.columns.length - table.pseudoColumns;
  const columns = codeOrder(table.columns.slice(0, products)).filter((column) => allowed[column]);
  const candidateOf = new Uint32Array(table.columns.length).fill(none);
  for (const [candidate, column] of columns.entries()) candidateOf[column] = candidate;
  return {
    columns,
    padded: Math.max(1, Math.ceil(columns.length / lanes)) * lanes,
    candidateOf: table.memory.store(candidateOf),
    columnOf: table.memory.store(Uint32Array.from(columns)),
  };
}

/** Largest length of a list that can be requested. */
export const longestList = 64;

/** Rows to score. */
export interface ScoreRequest {
  pool: KernelPool;
  table: BasketTable;
  range: RowRange;
  /** Length of the lists, 1 to 64. */
  n: number;
  /** One byte per column of the table: 1 if it can be recommended. Pseudo-products never are. */
  allowed: Uint8Array;
  /** Features of each row's customers, for models that rank by features. */
  contexts?: RowContexts;
  /** Whether to return the reason of each list entry. Default: false. */
  reasons?: boolean;
}

/**
 * Lists in kernel memory: the columns with the highest scores, for each row of a range. A list has no held column, and only
 * allowed ones. It has fewer than n if fewer remain. Order: higher score, then lower product code.
 */
export interface TopN {
  rows: number;
  n: number;
  /** Length of each list, u32[rows]. */
  count: Address;
  /** Columns of the table, u32[rows x n]. */
  column: Address;
  /** Scores, f32[rows x n]. */
  score: Address;
  /**
   * Largest contribution to each score, u32[rows x n]. Absent if not requested, or if the model gives no reasons. One of:
   * - a held column of the table
   * - columns + level of a feature (counted over all features of the model)
   * - `sameProductsReason`, `noProductsReason` or `popularReason`
   */
  reason?: Address;
}

/** Request for lists, with optional lists that it is to fill. Without them, lists are allocated. */
export interface TopNRequest extends ScoreRequest {
  lists?: TopN;
}

/** Request without a range: the lists of its ranges are requested later. */
export type PreparedRequest = Omit<ScoreRequest, 'range'>;

/** Function that makes the lists of a range of rows. @param lists existing lists to fill */
export type ListsOfRange = (range: RowRange, lists?: TopN) => Promise<TopN>;

function allocateTopN(memory: KernelMemory, rows: number, n: number, reasons: boolean): TopN {
  return {
    rows,
    n,
    count: memory.allocate(rows * 4),
    column: memory.allocate(rows * n * 4),
    score: memory.allocate(rows * n * 4),
    ...(reasons ? { reason: memory.allocate(rows * n * 4) } : {}),
  };
}

/** Part of lists: those of a range of rows, where the first list is row 0. The part shares the memory of `lists`. */
export function partOfTopN({ n, count, column, score, reason }: TopN, { from, to }: RowRange): TopN {
  const lists = from * n * 4;
  return {
    rows: to - from,
    n,
    count: offset(count, from * 4),
    column: offset(column, lists),
    score: offset(score, lists),
    ...(reason === undefined ? {} : { reason: offset(reason, lists) }),
  };
}

/**
 * Allocates lists if the request has none, and calls `fill` to write them. Then releases all memory that `fill` allocated.
 * @throws AppError config if n is not 1 to 64; any error of `fill`, after releasing all allocations
 */
export async function fillLists(request: TopNRequest, fill: (lists: TopN) => Promise<unknown>): Promise<TopN> {
  checkRequest(request);
  const { table, range, n } = request;
  const before = table.memory.mark();
  const lists = request.lists ?? allocateTopN(table.memory, range.to - range.from, n, request.reasons === true);
  const after = table.memory.mark();
  try {
    await fill(lists);
  } catch (error) {
    table.memory.release(before);
    throw error;
  }
  table.memory.release(after);
  return lists;
}

function checkRequest({ table, range, n, allowed, lists }: TopNRequest): void {
  if (!Number.isInteger(n) || n < 1 || n > longestList) {
    throw new AppError('config', `lists of ${n} products`, `Ask for lists of 1 to ${longestList} products.`);
  }
  const { rows, columns } = table;
  if (!(range.from >= 0 && range.from <= range.to && range.to <= rows) || allowed.length !== columns.length) {
    const asked = `rows ${range.from} to ${range.to}, ${allowed.length} columns allowed or not`;
    throw bug(`top-N of ${asked}; the table has ${rows} rows, ${columns.length} columns`);
  }
  const listed = range.to - range.from;
  if (lists && (lists.rows !== listed || lists.n !== n)) {
    throw bug(`${lists.rows} lists of ${lists.n}, not ${listed} of ${n}`);
  }
}
