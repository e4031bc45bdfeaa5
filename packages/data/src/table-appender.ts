import { BOOLEAN, DuckDBDataChunk, type DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { DuckdbEngine } from './duckdb.ts';
import { toAppError } from './duckdb-error.ts';

/** Values to append to one column; `undefined` in texts, and rows marked in `nulls`, become null. */
export interface AppendColumn {
  values: Int32Array | Uint8Array | Float32Array | Float64Array | BigInt64Array | readonly (string | undefined)[];
  /** One byte per row, 1: null. */
  nulls?: Uint8Array | undefined;
}

/**
 * Appends columns to a table of the engine, a chunk at a time, without objects per row. The layout of the typed arrays must be that of the
 * columns' types: Int32Array for INTEGER and DATE, Uint8Array for UTINYINT and BOOLEAN (or Int32Array), Float32Array for FLOAT, texts for VARCHAR ...
 */
export async function appendColumns(
  engine: DuckdbEngine,
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
      for (const [i, column] of sized.entries()) fill(duckdb.data_chunk_get_vector(chunk.chunk, i), column, start, count);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  } catch (cause) {
    throw toAppError(cause, {}, engine.options.tempDirectory);
  } finally {
    engine.disconnect(connection);
  }
}

function fill(vector: duckdb.Vector, { values, nulls }: AppendColumn, start: number, count: number): void {
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

function fillValidity(vector: duckdb.Vector, count: number, isValid: (row: number) => boolean): void {
  const bits = new Uint8Array(Math.ceil(count / 64) * 8);
  for (let row = 0; row < count; row++) if (isValid(row)) bits[row >> 3]! |= 1 << (row & 7);
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer, 0, bits.byteLength);
}
