import { createReadStream } from 'node:fs';
import { AppError, dayMilliseconds } from '@basketwise/core';
import { DataType, RecordBatchReader, type Vector } from 'apache-arrow';
import { duckdbDialect } from '../engine/dialect.ts';
import type { RelationOptions } from '../engine/engine.ts';
import { checkColumnNames } from './column-names.ts';
import type { DuckdbSession } from './session.ts';
import { type AppendColumn, appendColumns } from './table-appender.ts';

/**
 * Reads an Arrow IPC file (file or stream format) into a new table of the engine, batch by batch. Returns the name of the table.
 */
export async function loadArrow(
  engine: DuckdbSession,
  files: readonly string[],
  { place, signal }: RelationOptions,
): Promise<string> {
  const table = engine.temporaryTable();
  const at = place ? `${place}: ` : '';
  let schema: string | undefined;
  for (const file of files) {
    try {
      const reader = await RecordBatchReader.from(createReadStream(file));
      await reader.open();
      // The reader can mistake a truncated file for an empty stream. So both cases get the same error.
      if (reader.schema.fields.length === 0) throw new Error('no columns');
      checkColumnNames(
        reader.schema.fields.map(({ name }) => name),
        `${at}${file}`,
      );
      const types = reader.schema.fields
        .map(({ name, type }) => `${duckdbDialect.identifier(name)} ${sqlType(type, `${file}: column ${name}`)}`)
        .join(', ');
      if (schema === undefined) await engine.run(`CREATE TABLE ${table} (${types})`);
      else if (schema !== types)
        throw new AppError(
          'bad-data',
          `${at}${file}: its columns are not those of ${files[0]}`,
          'Files of one table must have the same schema.',
        );
      schema = types;
      for await (const batch of reader) {
        signal?.throwIfAborted();
        const columns = reader.schema.fields.map((_, i) => appendable(batch.getChildAt(i)!));
        await appendColumns(engine, table, batch.numRows, columns);
      }
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError(
        'bad-data',
        `${at}cannot read ${file} as Arrow IPC`,
        'Replace the file by a whole one: it is cut short, damaged, or not of this kind.',
        { cause },
      );
    }
  }
  return table;
}

function sqlType(type: DataType, where: string): string {
  if (DataType.isInt(type)) {
    if (type.bitWidth === 64 && !type.isSigned) return 'UBIGINT';
    return type.bitWidth === 64 || (type.bitWidth === 32 && !type.isSigned) ? 'BIGINT' : 'INTEGER';
  }
  if (DataType.isFloat(type)) return 'DOUBLE';
  if (DataType.isBool(type)) return 'BOOLEAN';
  if (DataType.isDate(type)) return 'DATE';
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isNull(type)) return 'VARCHAR';
  if (DataType.isDictionary(type)) return sqlType(type.dictionary, where);
  throw new AppError('bad-data', `${where}: type ${type} is not supported`, 'Write it as text, integer, float, boolean or date.');
}

/** Values of a vector in the memory layout of the column's SQL type. */
function appendable(vector: Vector): AppendColumn {
  const rows = vector.length;
  const kind = sqlType(vector.type, '');
  if (kind === 'VARCHAR') return { values: Array.from({ length: rows }, (_, i) => vector.get(i) ?? undefined) };
  const values = arrayOfKind(kind, rows);
  const nulls = vector.nullCount > 0 ? new Uint8Array(rows) : undefined;
  for (let i = 0; i < rows; i++) {
    const value = vector.get(i);
    if (value === null || value === undefined) nulls![i] = 1;
    else if (values instanceof BigInt64Array || values instanceof BigUint64Array) values[i] = BigInt(value);
    else values[i] = kind === 'DATE' ? Math.floor(Number(value) / dayMilliseconds) : Number(value);
  }
  return { values, nulls };
}

function arrayOfKind(kind: string, rows: number): Int32Array | Float64Array | BigInt64Array | BigUint64Array | Uint8Array {
  if (kind === 'UBIGINT') return new BigUint64Array(rows);
  if (kind === 'BIGINT') return new BigInt64Array(rows);
  if (kind === 'DOUBLE') return new Float64Array(rows);
  return kind === 'BOOLEAN' ? new Uint8Array(rows) : new Int32Array(rows);
}
