import type { BasketTable } from '../baskets/basket-table.ts';
import { type Candidates, type StoredSteps, storeCandidates, type TopNRequest } from '../baskets/topn.ts';
import { type AppError, bug } from '../error.ts';
import { scoreStep } from '../generated/layouts.ts';
import { type Address, type Fields, recordOf } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';

/** Largest error of an approximate logarithm in the kernels (assembly/numbers/elementary.ts). */
const roughness = 1e-4;

/** The columns of a line of scores, in order. */
export interface ScoreSpace {
  /** Table column of each position of the line. */
  columns: readonly number[];
  /** Length of a line: the number of columns, rounded up to whole vectors. */
  padded: number;
}

/** Line of scores that a step writes for the current row. */
export interface ScoredLine {
  /** Byte position of the line in the scratch. */
  line: number;
  /** Whether the scores are logarithms of shares. */
  isLog: boolean;
  /** Index of the step, from 1, if its terms can be reasons; 0 if they cannot. */
  part: number;
}

/** Kind of a step, and those of its other fields that are not 0. */
type StepFields = Fields<typeof scoreStep> & { kind: number };

/**
 * Sequence of steps in which kernels score the rows of a request (assembly/scores/steps.ts). Each model adds its steps, and
 * copies the numbers that they use to kernel memory.
 */
export class ScorePlan {
  readonly pool: KernelPool;
  readonly table: BasketTable;
  readonly candidates: Candidates;
  /** All columns of the table, in their order. */
  readonly all: ScoreSpace;
  readonly #steps: number[][] = [];
  #lineBytes = 0;
  #workBytes = 0;
  #slack = 0;
  #failure = () => bug('scoring ended early');

  constructor(request: TopNRequest) {
    this.pool = request.pool;
    this.table = request.table;
    this.candidates = storeCandidates(request);
    const columns = request.table.columns.map((_, column) => column);
    this.all = { columns, padded: Math.ceil(columns.length / 4) * 4 };
  }

  /** Adds a step; returns its number, from 1. */
  add(fields: StepFields): number {
    return this.#steps.push(recordOf(scoreStep, fields));
  }

  /** Reserves scratch bytes in each call, and returns their position. Their content is arbitrary when a row begins. */
  room(bytes: number): number {
    const at = this.#lineBytes;
    this.#lineBytes += Math.ceil(bytes / 16) * 16;
    return at;
  }

  /** Reserves space for a line of scores, and returns its position in the scratch. */
  line({ padded }: ScoreSpace): number {
    return this.room(padded * 8);
  }

  /**
   * Notes that a step takes approximate logarithms, times a weight. Kernels compute the sums of list candidates again, exactly.
   */
  roughen(weight: number): void {
    this.#slack += Math.abs(weight) * roughness;
  }

  /** Reserves scratch bytes for solving the system of a row. @param failure creates the error for a row that cannot be solved */
  solve(bytes: number, failure: () => AppError): void {
    this.#workBytes = Math.max(this.#workBytes, bytes);
    this.#failure = failure;
  }

  /**
   * Copies lines of all columns, f64[lines x columns], into kernel memory. The copies have only the columns of `space`: f64[lines
   * x padded].
   */
  store(values: Float64Array, space: ScoreSpace): Address {
    const width = this.table.columns.length;
    return this.storeLines(values.length / width, (line) => values.subarray(line * width, (line + 1) * width), space);
  }

  /** Same as `store`, for lines that `lineOf` returns one at a time, each f64[columns]. */
  storeLines(lines: number, lineOf: (line: number) => Float64Array, { columns, padded }: ScoreSpace): Address {
    const { memory } = this.table;
    const address = memory.allocateZeroed(lines * padded * 8);
    const target = memory.f64(address, lines * padded);
    for (let line = 0; line < lines; line++) {
      const values = lineOf(line);
      for (let i = 0; i < columns.length; i++) target[line * padded + i] = values[columns[i]!]!;
    }
    return address;
  }

  /**
   * Prepares a step that sums over entries: copies its initial line, f64[columns] (default: zeros), and reserves space for the
   * weights of the entries.
   */
  sum(space: ScoreSpace, base: Float64Array = new Float64Array(this.table.columns.length)): { base: Address; kept: number } {
    return { base: this.store(base, space), kept: this.room(this.table.columns.length * 8) };
  }

  /** Copies a number into kernel memory, and returns its address. */
  number(value: number): Address {
    return this.table.memory.store(Float64Array.of(value));
  }

  /** Copies the steps so far into kernel memory. `failure` creates the error for a row that cannot be scored. */
  finish(): StoredSteps & { failure: () => AppError } {
    const { memory } = this.table;
    const steps = memory.store(Uint32Array.from(this.#steps.flat()));
    const parts = this.#steps.flatMap((step, at) => (step[scoreStep.part]! > 0 ? [at] : []));
    return {
      ...{ steps, count: this.#steps.length, parts: memory.store(Uint32Array.from(parts)), partCount: parts.length },
      ...{ lineBytes: this.#lineBytes, workBytes: this.#workBytes, slack: this.#slack },
      failure: this.#failure,
    };
  }
}
