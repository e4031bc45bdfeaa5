import { BOOLEAN, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { toAppError } from './error.ts';
import type { DuckdbSession } from './session.ts';

/** Arrays of numbers in DuckDB's memory layout. */
type NumberArray =
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Values for one column. A null is `undefined` in an array of texts. In other arrays, `nulls` marks the rows with nulls. */
export interface AppendColumn {
  values: NumberArray | readonly (string | undefined)[];
  /** One byte per row; 1 means null. */
  nulls?: Uint8Array | undefined;
  /** For a column of lists of numbers, u32[rows + 1]: the list of row i is `values[start[i]]` to `values[start[i + 1] - 1]`. */
  start?: Uint32Array | undefined;
}

/**
 * Appends rows, given by columns, to a table of the engine. Works chunk by chunk, without an object per row. Typed arrays must
 * have the layout of the column types:
 * - Int32Array for INTEGER and DATE, Float32Array for FLOAT
 * - Uint8Array for UTINYINT and BOOLEAN (or Int32Array)
 * - the narrowest unsigned array for an ENUM's indices
 * - texts for VARCHAR
 */
export async function appendColumns(
  engine: DuckdbSession,
  table: string,
  rows: number,
  columns: readonly AppendColumn[],
): Promise<void> {
  const connection = await engine.connect();
  try {
    const appender = await connection.createAppender(table);
    const types: DuckDBType[] = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
    const size = duckdb.vector_size();
    const chunk = DuckDBDataChunk.create(types);
    const sized = columns.map((column, i) =>
      types[i] === BOOLEAN && column.values instanceof Int32Array
        ? { ...column, values: Uint8Array.from(column.values) }
        : column,
    );
    for (let start = 0; start < rows; start += size) {
      const count = Math.min(size, rows - start);
      chunk.reset();
      chunk.rowCount = count;
      for (const [i, column] of sized.entries()) fillVector(duckdb.data_chunk_get_vector(chunk.chunk, i), column, start, count);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  } catch (cause) {
    throw toAppError(cause, {}, engine.options.tempDirectory);
  } finally {
    engine.disconnect(connection);
  }
}

function fillVector(vector: duckdb.Vector, { values, nulls, start: lists }: AppendColumn, start: number, count: number): void {
  if (lists) {
    fillListVector(vector, values as NumberArray, lists.subarray(start, start + count + 1));
    return;
  }
  if (ArrayBuffer.isView(values)) {
    const width = values.BYTES_PER_ELEMENT;
    duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset + start * width, count * width);
    if (nulls) fillValidity(vector, count, (row) => nulls[start + row] === 0);
    return;
  }
  let missing = 0;
  for (let row = 0; row < count; row++) {
    const text = nulls?.[start + row] ? undefined : values[start + row];
    if (text === undefined) missing++;
    else duckdb.vector_assign_string_element(vector, row, text);
  }
  if (missing > 0) fillValidity(vector, count, (row) => values[start + row] !== undefined && !nulls?.[start + row]);
}

/** Fills a vector of lists. Each list is two numbers of 64 bits: an offset into the vector of all elements, and a length. */
function fillListVector(vector: duckdb.Vector, values: NumberArray, start: Uint32Array): void {
  const count = start.length - 1;
  const [from, to] = [start[0]!, start[count]!];
  const entries = new Uint32Array(4 * count);
  for (let row = 0; row < count; row++) {
    entries[4 * row] = start[row]! - from;
    entries[4 * row + 2] = start[row + 1]! - start[row]!;
  }
  duckdb.list_vector_reserve(vector, to - from);
  duckdb.list_vector_set_size(vector, to - from);
  const width = values.BYTES_PER_ELEMENT;
  const elements = duckdb.list_vector_get_child(vector);
  duckdb.copy_data_to_vector(elements, 0, values.buffer as ArrayBuffer, values.byteOffset + from * width, (to - from) * width);
  duckdb.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
}

function fillValidity(vector: duckdb.Vector, count: number, isValid: (row: number) => boolean): void {
  const bits = new Uint8Array(Math.ceil(count / 64) * 8);
  for (let row = 0; row < count; row++) if (isValid(row)) bits[row >> 3]! |= 1 << (row & 7);
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, bits.byteLength);
}
