import { AppError, bug } from '../error.ts';
import { type Address, type KernelMemory, offset } from '../wasm/memory.ts';
import type { KernelPool, RowRange } from '../wasm/pool.ts';
import type { BasketTable } from './basket-table.ts';
import type { RowContexts } from './row-contexts.ts';

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
