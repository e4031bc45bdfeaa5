import { AppError, bug } from '../error.ts';
import { log2 } from '../numbers/elementary.ts';
import { type Address, nowhere, offset } from '../wasm/memory.ts';
import type { KernelPool } from '../wasm/pool.ts';
import { type ClusterSpace, categoryCount, categoryOffsets, checkSpace } from './cluster-space.ts';
import { type Points, pointsPerBlock, storePoints } from './points.ts';

/** Number of rows that are copied at a time, column by column. All columns of so few rows stay in the processor's cache. */
const stripeRows = 512;
/** Number of rows after which equal rows are no longer merged, if more than half of the rows are distinct. */
const trialRows = 65_536;

/** Block of rows, stored by column. Category codes are numbered within their column. Weights are finite and not negative. */
export interface PointBlock {
  rows: number;
  numeric: readonly ArrayLike<number>[];
  codes: readonly ArrayLike<number>[];
  weight?: ArrayLike<number>;
}

/** Limits and form of the rows to add. */
export interface PointOptions {
  /** Largest number of rows. */
  capacity: number;
  /** Whether equal rows are merged into one row with a weight, as long as that saves memory. Ignored if `weighted`. */
  collapse?: boolean;
  /** Whether the blocks have weights. */
  weighted?: boolean;
}

/** Copies rows into kernel memory, block by block. The caller releases the memory by a mark set before. */
export class PointsBuilder {
  readonly #pool: KernelPool;
  readonly #space: ClusterSpace;
  readonly #offsets: number[];
  readonly #capacity: number;
  readonly #numeric: Address;
  readonly #codes: Address;
  readonly #weight: Address;
  readonly #record: Address;
  readonly #map: Address;
  readonly #table: Address;
  readonly #tableMask: number;
  readonly #pending: { numeric: Address; codes: Address; rows: number };
  #collapsing: boolean;
  #rows = 0;
  #sourceRows = 0;
  #totalWeight = 0;
  #maximumWeight = 0;
  readonly #maximum: Float64Array;
  readonly #first: Float64Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  readonly #categoryCounts: Float64Array;

  constructor(pool: KernelPool, space: ClusterSpace, { capacity, collapse = false, weighted = false }: PointOptions) {
    checkSpace(space);
    const memory = pool.memory;
    const d = space.numeric.length;
    const c = space.categorical.length;
    this.#pool = pool;
    this.#space = space;
    this.#offsets = categoryOffsets(space);
    this.#capacity = capacity;
    this.#collapsing = collapse && !weighted;
    this.#numeric = memory.allocate(capacity * d * 4);
    this.#codes = memory.allocate(capacity * c * 2);
    this.#weight = weighted || this.#collapsing ? memory.allocate(capacity * 8) : nowhere;
    this.#record = storePoints(memory, space, { numeric: this.#numeric, codes: this.#codes, weight: this.#weight });
    this.#map = this.#collapsing ? memory.allocate(capacity * 4) : nowhere;
    const slots = this.#collapsing ? 2 ** Math.ceil(log2(Math.max(4, capacity * 2))) : 0;
    this.#tableMask = slots - 1;
    this.#table = slots > 0 ? memory.allocateZeroed(slots * 4) : nowhere;
    const room = this.#collapsing ? Math.min(capacity, pointsPerBlock) : 0;
    this.#pending = { numeric: memory.allocate(room * d * 4), codes: memory.allocate(room * c * 2), rows: 0 };
    this.#maximum = new Float64Array(d);
    this.#first = new Float64Array(d);
    this.#sum = new Float64Array(d);
    this.#squares = new Float64Array(d);
    this.#categoryCounts = new Float64Array(categoryCount(space));
  }

  /**
   * Adds the rows of a block.
   * @throws AppError bad-data naming the column with a number that is not finite as f32
   */
  async append(block: PointBlock): Promise<void> {
    if (this.#sourceRows + block.rows > this.#capacity) {
      throw bug(`clusters: more than the announced ${this.#capacity} rows`);
    }
    for (let from = 0; from < block.rows; ) {
      const room = this.#collapsing ? Math.min(this.#capacity, pointsPerBlock) - this.#pending.rows : block.rows;
      const to = Math.min(block.rows, from + room);
      this.#take(block, from, to);
      from = to;
      if (this.#collapsing && this.#pending.rows === Math.min(this.#capacity, pointsPerBlock)) await this.#collapse();
    }
  }

  /** Finishes the points, after the last block. */
  async finish(): Promise<Points> {
    if (this.#collapsing) await this.#collapse();
    const n = this.#sourceRows;
    const variance = this.#squares.map((squares, f) => Math.max(0, squares / n - (this.#sum[f]! / n) ** 2));
    return {
      pool: this.#pool,
      space: this.#space,
      rows: this.#rows,
      sourceRows: n,
      numeric: this.#numeric,
      codes: this.#codes,
      weight: this.#weight,
      record: this.#record,
      map: this.#map,
      totalWeight: this.#totalWeight,
      maximumWeight:
        this.#map > 0 ? this.#pool.memory.f64(this.#weight, this.#rows).reduce((a, b) => Math.max(a, b), 1) : this.#maximumWeight,
      maximum: this.#maximum,
      variance,
      categoryCounts: this.#categoryCounts,
    };
  }

  /** Appends rows `from` to `to - 1` of a block to the pending rows if equal rows are merged, otherwise to the stored rows. */
  #take(block: PointBlock, from: number, to: number): void {
    const at = this.#collapsing ? this.#pending.rows : this.#rows;
    const rows = to - from;
    const { numeric, codes } = this.#collapsing ? this.#pending : { numeric: this.#numeric, codes: this.#codes };
    this.#takeNumbers(block, from, rows, offset(numeric, at * this.#first.length * 4));
    this.#takeCodes(block, from, rows, offset(codes, at * this.#offsets.length * 2));
    this.#takeWeights(block, from, rows);
    this.#sourceRows += rows;
    if (this.#collapsing) this.#pending.rows += rows;
    else this.#rows += rows;
  }

  #takeNumbers(block: PointBlock, from: number, rows: number, address: Address): void {
    const d = this.#first.length;
    const target = this.#pool.memory.f32(address, rows * d);
    if (this.#sourceRows === 0) this.#first.set(block.numeric.map((values) => Math.fround(values[from] ?? 0)));
    for (let start = 0; start < rows; start += stripeRows) {
      const end = Math.min(start + stripeRows, rows);
      for (let f = 0; f < d; f++) this.#takeColumn(block.numeric[f]!, f, from, start, end, target);
    }
  }

  /** Copies `values[from + start]` to `values[from + end - 1]` of column f into rows `start` to `end - 1` of `target`. */
  #takeColumn(values: ArrayLike<number>, f: number, from: number, start: number, end: number, target: Float32Array): void {
    const d = this.#first.length;
    const first = this.#first[f]!;
    let maximum = this.#maximum[f]!;
    let sum = this.#sum[f]!;
    let squares = this.#squares[f]!;
    for (let i = start; i < end; i++) {
      const value = Math.fround(values[from + i]!);
      const size = Math.abs(value);
      if (!(size < Number.POSITIVE_INFINITY)) this.#refuse(this.#space.numeric[f]!);
      target[i * d + f] = value;
      if (size > maximum) maximum = size;
      const apart = value - first;
      sum += apart;
      squares += apart * apart;
    }
    this.#maximum[f] = maximum;
    this.#sum[f] = sum;
    this.#squares[f] = squares;
  }

  #takeCodes(block: PointBlock, from: number, rows: number, address: Address): void {
    const target = this.#pool.memory.u16(address, rows * this.#offsets.length);
    for (let start = 0; start < rows; start += stripeRows) {
      const end = Math.min(start + stripeRows, rows);
      for (let q = 0; q < this.#offsets.length; q++) this.#takeCodeColumn(block.codes[q]!, q, from, start, end, target);
    }
  }

  #takeCodeColumn(codes: ArrayLike<number>, q: number, from: number, start: number, end: number, target: Uint16Array): void {
    const c = this.#offsets.length;
    const offset = this.#offsets[q]!;
    const counts = this.#categoryCounts;
    for (let i = start; i < end; i++) {
      const code = codes[from + i]! + offset;
      target[i * c + q] = code;
      counts[code]!++;
    }
  }

  #takeWeights(block: PointBlock, from: number, rows: number): void {
    if (this.#weight === 0 || this.#map > 0) {
      if (this.#map > 0 && !this.#collapsing) {
        this.#pool.memory.f64(offset(this.#weight, this.#rows * 8), rows).fill(1);
        const map = this.#pool.memory.u32(offset(this.#map, this.#sourceRows * 4), rows);
        for (let i = 0; i < rows; i++) map[i] = this.#rows + i;
      }
      this.#totalWeight += rows;
      this.#maximumWeight = 1;
      return;
    }
    const target = this.#pool.memory.f64(offset(this.#weight, this.#rows * 8), rows);
    for (let i = 0; i < rows; i++) {
      const weight = block.weight?.[from + i] ?? Number.NaN;
      if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) this.#refuse('weight');
      target[i] = weight;
      this.#totalWeight += weight;
      this.#maximumWeight = Math.max(this.#maximumWeight, weight);
    }
  }

  /** Merges the pending rows into the stored rows: a row equal to a stored one adds 1 to its weight. */
  async #collapse(): Promise<void> {
    const { numeric, codes, rows } = this.#pending;
    const [count = 0] = await this.#pool.run('collapseRows', [
      {
        ...{ points: this.#record, stagedNumeric: numeric, stagedCodes: codes, rows },
        ...{ table: this.#table, mask: this.#tableMask, count: this.#rows },
        map: offset(this.#map, (this.#sourceRows - rows) * 4),
      },
    ]);
    this.#rows = count;
    this.#pending.rows = 0;
    if (this.#sourceRows >= trialRows && this.#rows > this.#sourceRows / 2) this.#collapsing = false;
  }

  #refuse(column: string): never {
    throw new AppError(
      'bad-data',
      `clusters: column ${column} holds a value that is not a finite number`,
      'Correct it at the source, or turn it into null in `derive`: missing values have a treatment, infinite ones have none.',
    );
  }
}
