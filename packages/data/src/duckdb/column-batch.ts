import duckdb from '@duckdb/node-bindings';
import type { ColumnBatch, ColumnValues } from '../engine/engine.ts';

/**
 * Largest number of rows of a batch, a multiple of DuckDB's chunks of 2048 rows. Such a batch fits into the cache of a core, and
 * few calls are needed.
 */
const mostBatchRows = 32 * 2048;

/** How the engine stores the values of a type, and the type of the result's values. */
type BatchLayout =
  | 'byte'
  | 'unsigned-byte'
  | 'short'
  | 'unsigned-short'
  | 'int'
  | 'unsigned-int'
  | 'long'
  | 'float'
  | 'double'
  | 'text';

const layouts: Readonly<Record<string, BatchLayout>> = {
  BOOLEAN: 'unsigned-byte',
  TINYINT: 'byte',
  UTINYINT: 'unsigned-byte',
  SMALLINT: 'short',
  USMALLINT: 'unsigned-short',
  INTEGER: 'int',
  DATE: 'int',
  UINTEGER: 'unsigned-int',
  BIGINT: 'long',
  FLOAT: 'float',
  DOUBLE: 'double',
  VARCHAR: 'text',
};

/**
 * Whether values of a DuckDB type can be streamed unchanged. Values of all other types are first cast to VARCHAR, which is exact.
 */
export function isStreamable(type: string): boolean {
  return type in layouts;
}

/**
 * Gathers DuckDB's chunks into column batches. Each value is copied once from the engine's memory, and no object is made for a
 * row.
 */
export class BatchBuilder {
  readonly #columns: readonly BatchColumn[];
  readonly #reuse: boolean;
  #rows = 0;

  /** @param reuse whether a batch overwrites the numbers of the batch before it */
  constructor(columns: readonly { name: string; type: string }[], reuse = false) {
    this.#reuse = reuse;
    this.#columns = columns.map(({ name, type }) => new BatchColumn(name, layouts[type]!));
  }

  /** Adds a chunk. Returns the gathered batch if the next chunk might not fit; otherwise undefined. */
  add(chunk: duckdb.DataChunk, rows: number): ColumnBatch | undefined {
    for (const [i, column] of this.#columns.entries()) column.add(duckdb.data_chunk_get_vector(chunk, i), this.#rows, rows);
    this.#rows += rows;
    return this.#rows > mostBatchRows - duckdb.vector_size() ? this.take() : undefined;
  }

  /** Returns the rows gathered so far as a batch. Undefined if there are none. */
  take(): ColumnBatch | undefined {
    if (this.#rows === 0) return undefined;
    const rows = this.#rows;
    this.#rows = 0;
    const columns: Record<string, ColumnValues> = {};
    const nulls: Record<string, Uint8Array> = {};
    for (const column of this.#columns) {
      const taken = column.take(rows, this.#reuse);
      columns[column.name] = taken.values;
      if (taken.nulls) nulls[column.name] = taken.nulls;
    }
    return { rows, columns, nulls };
  }
}

/** Column of the batch that is being gathered. */
class BatchColumn {
  readonly name: string;
  readonly #layout: BatchLayout;
  #values: Int32Array | Float64Array | BigInt64Array | string[] | undefined;
  #nulls: Uint8Array | undefined;

  constructor(name: string, layout: BatchLayout) {
    this.name = name;
    this.#layout = layout;
  }

  add(vector: duckdb.Vector, at: number, rows: number): void {
    this.#values ??= arrayOfLayout(this.#layout, at + rows);
    if (!Array.isArray(this.#values) && at + rows > this.#values.length) this.#values = doubled(this.#values);
    const valid = duckdb.vector_get_validity(vector, (rows + 7) >> 3);
    if (valid) this.#addNulls(valid, at, rows);
    if (Array.isArray(this.#values)) addStrings(this.#values, vector, rows, valid ? this.#nulls : undefined, at);
    else if (this.#values instanceof BigInt64Array) this.#values.set(viewLongs(vector, rows), at);
    else this.#values.set(viewNumbers(vector, rows, this.#layout as keyof typeof arrays), at);
  }

  take(rows: number, reuse: boolean): { values: ColumnValues; nulls: Uint8Array | undefined } {
    const values = this.#values!;
    const nulls = this.#nulls?.subarray(0, rows);
    if (!reuse || Array.isArray(values)) this.#values = undefined;
    this.#nulls = undefined;
    return { values: Array.isArray(values) ? values : values.subarray(0, rows), nulls };
  }

  #addNulls(valid: Uint8Array, at: number, rows: number): void {
    for (let row = 0; row < rows; row++) {
      if ((valid[row >> 3]! >> (row & 7)) & 1) continue;
      this.#nulls ??= new Uint8Array(mostBatchRows);
      this.#nulls[at + row] = 1;
    }
  }
}

/**
 * Allocates memory for the first chunk only. Most results have one chunk, and memory for whole batches would burden the garbage
 * collector.
 */
function arrayOfLayout(layout: BatchLayout, rows: number): Int32Array | Float64Array | BigInt64Array | string[] {
  if (layout === 'text') return [];
  if (layout === 'long') return new BigInt64Array(rows);
  return layout === 'unsigned-int' || layout === 'float' || layout === 'double' ? new Float64Array(rows) : new Int32Array(rows);
}

/** Copies the values into an array that has space for a whole batch. */
function doubled<T extends Int32Array | Float64Array | BigInt64Array>(values: T): T {
  const room = new (values.constructor as new (rows: number) => { set(values: T): void })(mostBatchRows);
  room.set(values);
  return room as unknown as T;
}

const arrays = {
  byte: Int8Array,
  'unsigned-byte': Uint8Array,
  short: Int16Array,
  'unsigned-short': Uint16Array,
  int: Int32Array,
  'unsigned-int': Uint32Array,
  float: Float32Array,
  double: Float64Array,
};

function viewNumbers(vector: duckdb.Vector, rows: number, layout: keyof typeof arrays) {
  const Values = arrays[layout];
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * Values.BYTES_PER_ELEMENT);
  return new Values(buffer as ArrayBuffer, byteOffset, rows);
}

function viewLongs(vector: duckdb.Vector, rows: number): BigInt64Array {
  const { buffer, byteOffset } = duckdb.vector_get_data(vector, rows * 8);
  return new BigInt64Array(buffer, byteOffset, rows);
}

/**
 * Appends DuckDB's strings to `into`. A string takes 16 bytes: its length, then up to 12 bytes of text, or a prefix and a pointer
 * to longer text.
 */
function addStrings(into: string[], vector: duckdb.Vector, rows: number, nulls: Uint8Array | undefined, at: number): void {
  const data = duckdb.vector_get_data(vector, rows * 16);
  const bytes = Buffer.from(data.buffer, data.byteOffset, rows * 16);
  for (let row = 0; row < rows; row++) {
    if (nulls?.[at + row]) {
      into.push('');
      continue;
    }
    const start = row * 16;
    const length = bytes.readUInt32LE(start);
    if (length <= 12) into.push(bytes.toString('utf8', start + 4, start + 4 + length));
    else into.push(decodeUtf8(duckdb.get_data_from_pointer(data.buffer as ArrayBuffer, data.byteOffset + start + 8, length)));
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
