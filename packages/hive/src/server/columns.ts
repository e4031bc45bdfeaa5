import { AppError } from '@basketwise/core';
import type { ColumnBatch, ColumnValues } from '@basketwise/data';
import { type HiveDriver, thrift } from 'hive-driver';
import type { FetchReply, RawColumn } from './fetch-reply.ts';
import { MalformedReply } from './message-end.ts';
import { decodeTexts } from './texts.ts';

type Metadata = Awaited<ReturnType<HiveDriver['getResultSetMetadata']>>;

/** Column of a result: its name as in the statement, and its type as DESCRIBE writes it. */
export interface FetchedColumn {
  name: string;
  type: string;
}

/**
 * Type of a value read by thrift. Any field can be null, against its declared type, because thrift returns null for absent
 * fields.
 */
type Perhaps<T> = { readonly [Key in keyof T]?: Perhaps<T[Key]> | null };

/**
 * Columns of a result, in order.
 * @throws AppError config if two columns have the same name
 * @throws MalformedReply if there are no columns, or one has no name
 */
export function resultColumns(schema: Metadata['schema'] | null): readonly FetchedColumn[] {
  const described = (schema as Perhaps<NonNullable<Metadata['schema']>> | null | undefined)?.columns;
  if (!Array.isArray(described) || described.length === 0) throw new MalformedReply('a result without columns');
  const columns = described.map(({ columnName, typeDesc }: NonNullable<Metadata['schema']>['columns'][number]) => {
    if (typeof columnName !== 'string') throw new MalformedReply('a column without a name');
    return { name: unqualified(columnName), type: typeName(typeDesc) };
  });
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name))
      throw new AppError('config', `a statement returns two columns named "${name}"`, 'Give each its own name with AS.');
    seen.add(name);
  }
  return columns;
}

const thriftTypeNames = new Map(
  Object.entries(thrift.TCLIService_types.TTypeId as Record<string, number>).map(([name, id]) => [
    id,
    name.replace(/_TYPE$/, '').toLowerCase(),
  ]),
);

function typeName(description: NonNullable<Metadata['schema']>['columns'][number]['typeDesc'] | null): string {
  const entry = description?.types?.[0]?.primitiveEntry;
  if (typeof entry?.type !== 'number') throw new MalformedReply('a column without a type');
  const name = thriftTypeNames.get(entry.type) ?? 'unknown';
  if (name !== 'decimal') return name;
  const qualifiers = entry.typeQualifiers?.qualifiers as unknown as Record<string, { i32Value?: number }> | undefined;
  return `decimal(${qualifiers?.precision?.i32Value ?? 10},${qualifiers?.scale?.i32Value ?? 0})`;
}

/**
 * Removes the table from the name of a column. `SELECT *` returns names `table.column` if the session settings cannot be changed.
 */
function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/**
 * Decodes the rows of one fetch, column by column. Values of bigint and decimal are exact. NULLs are marked in a separate array.
 * @throws MalformedReply if the rows do not match the result's columns
 */
export function decodeFetch(columns: readonly FetchedColumn[], reply: FetchReply): ColumnBatch {
  if (reply.columns?.length !== columns.length) throw new MalformedReply('rows with other columns than the result');
  const values: [string, ColumnValues][] = [];
  const nulls: [string, Uint8Array][] = [];
  for (const [position, { name, type }] of columns.entries()) {
    const raw = reply.columns[position]!;
    values.push([name, type === 'date' ? days(raw) : decoded(raw)]);
    const marks = nullMarks(raw.nulls, raw.rows);
    if (marks !== undefined) nulls.push([name, marks]);
  }
  return { rows: reply.rows, columns: Object.fromEntries(values), nulls: Object.fromEntries(nulls) };
}

function decoded(column: RawColumn): ColumnValues {
  const { kind, bytes, start, end, rows } = column;
  switch (kind) {
    case 'bool':
      return Int32Array.from(bytes.subarray(start, end));
    case 'byte':
      return Int32Array.from(new Int8Array(turned(column, 1)));
    case 'i16':
      return Int32Array.from(new Int16Array(turned(column, 2)));
    case 'i32':
      return new Int32Array(turned(column, 4));
    case 'i64':
      return new BigInt64Array(turned(column, 8));
    case 'double':
      return new Float64Array(turned(column, 8));
    case 'string':
      return decodeTexts(bytes, start, end, rows);
    case 'binary':
      return hexTexts(column);
    default:
      throw new AppError(
        'unreachable',
        'Hive sent a column of an unknown kind',
        'Cast the column to string in the configuration.',
      );
  }
}

/** Copies numbers and reverses their bytes, from big-endian (the wire format) to little-endian. */
function turned({ bytes, start, end }: RawColumn, width: 1 | 2 | 4 | 8): ArrayBuffer {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  const view = Buffer.from(copy.buffer);
  if (width === 2) view.swap16();
  if (width === 4) view.swap32();
  if (width === 8) view.swap64();
  return copy.buffer;
}

function hexTexts({ bytes, start, rows }: RawColumn): string[] {
  let at = start;
  return Array.from({ length: rows }, () => {
    const from = at + 4;
    at = from + bytes.readInt32BE(at);
    return bytes.toString('hex', from, at);
  });
}

/** Days since 1970-01-01 of texts YYYY-MM-DD. The day of a null, whose text is a filler, is 0. */
function days({ kind, bytes, start, rows }: RawColumn): Int32Array {
  if (kind !== 'string') throw new MalformedReply('dates that are no texts');
  const found = new Int32Array(rows);
  let at = start;
  for (let row = 0; row < rows; row++) {
    const length = bytes.readInt32BE(at);
    at += 4 + length;
    if (length === 0) continue;
    if (length < 10) throw new MalformedReply('a text that is no date');
    found[row] = daysOfDate(
      digitsValue(bytes, at - length, at - 6),
      digitsValue(bytes, at - 5, at - 3),
      digitsValue(bytes, at - 2, at),
    );
  }
  return found;
}

/** Number written in ASCII digits. */
function digitsValue(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) throw new MalformedReply('a text that is no date');
    value = 10 * value + digit;
  }
  return value;
}

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
function daysOfDate(year: number, month: number, day: number): number {
  // Years start in March, so that a leap day is the last of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * shifted + Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400) + dayOfYear - 719_468;
}

/**
 * Converts Hive's bits to one byte per row, 1 for a null. Bits are lowest first, and trailing zero bytes are omitted. Undefined
 * if no value is null.
 */
function nullMarks(bits: Uint8Array, rows: number): Uint8Array | undefined {
  if (bits.every((byte) => byte === 0)) return undefined;
  const marks = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) marks[row] = (bits[row >> 3]! >> (row & 7)) & 1;
  return marks;
}
