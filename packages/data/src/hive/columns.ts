import { AppError } from '@basketwise/core';
import { type HiveDriver, thrift } from 'hive-driver';
import type { ColumnBatch, ColumnValues } from '../engine.ts';

type Metadata = Awaited<ReturnType<HiveDriver['getResultSetMetadata']>>;
type RowSet = NonNullable<Awaited<ReturnType<HiveDriver['fetchResults']>>['results']>;
type RawColumn = NonNullable<RowSet['columns']>[number];

/** A column of a result: its name as the statement gave it, and its type as DESCRIBE would write it. */
export interface ResultColumn {
  name: string;
  type: string;
}

/**
 * Columns of a result, in order.
 * @throws AppError config when two have one name: the driver's own rows would lose one of them silently
 */
export function resultColumns(schema: NonNullable<Metadata['schema']>): readonly ResultColumn[] {
  const columns = schema.columns.map(({ columnName, typeDesc }) => ({ name: unqualified(columnName), type: typeName(typeDesc) }));
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name))
      throw new AppError('config', `a statement returns two columns named "${name}"`, 'Give each its own name with AS.');
    seen.add(name);
  }
  return columns;
}

const typeNames = new Map(
  Object.entries(thrift.TCLIService_types.TTypeId as Record<string, number>).map(([name, id]) => [
    id,
    name.replace(/_TYPE$/, '').toLowerCase(),
  ]),
);

function typeName({ types }: NonNullable<Metadata['schema']>['columns'][number]['typeDesc']): string {
  const entry = types[0]?.primitiveEntry;
  const name = typeNames.get(entry?.type ?? -1) ?? 'unknown';
  if (name !== 'decimal') return name;
  const qualifiers = entry!.typeQualifiers?.qualifiers as unknown as Record<string, { i32Value?: number }> | undefined;
  return `decimal(${qualifiers?.precision?.i32Value ?? 10},${qualifiers?.scale?.i32Value ?? 0})`;
}

/** `SELECT *` names columns `table.column` where the server's settings cannot be changed. */
function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** The rows of one fetch, decoded column by column: bigint and decimal exactly, NULL marks apart from the values. */
export function columnBatch(columns: readonly ResultColumn[], results: RowSet): ColumnBatch {
  const values: Record<string, ColumnValues> = {};
  const nulls: Record<string, Uint8Array> = {};
  let rows = 0;
  for (const [position, { name, type }] of columns.entries()) {
    const raw = rawValues(results.columns![position]!);
    rows = raw.length;
    values[name] = type === 'date' ? Int32Array.from(raw.values as readonly string[], daysOf) : decoded(raw);
    const marks = nullMarks(raw.nulls, rows);
    if (marks !== undefined) nulls[name] = marks;
  }
  return { rows, columns: values, nulls };
}

/** Number of rows in a fetch's results. */
export function rowCount(results: RowSet | undefined): number {
  const first = results?.columns?.[0];
  return first === undefined ? 0 : rawValues(first).length;
}

const kinds = ['stringVal', 'i32Val', 'i64Val', 'doubleVal', 'i16Val', 'byteVal', 'boolVal', 'binaryVal'] as const;

type Raw = { kind: (typeof kinds)[number]; values: readonly unknown[]; nulls: Uint8Array; length: number };

function rawValues(column: RawColumn): Raw {
  for (const kind of kinds) {
    const found = column[kind];
    if (found !== null && found !== undefined)
      return { kind, values: found.values, nulls: found.nulls, length: found.values.length };
  }
  throw new AppError('unreachable', 'Hive sent a column of an unknown kind', 'Cast the column to string in the configuration.');
}

function decoded({ kind, values }: Raw): ColumnValues {
  switch (kind) {
    case 'i32Val':
    case 'i16Val':
    case 'byteVal':
      return Int32Array.from(values as readonly number[]);
    case 'boolVal':
      return Int32Array.from(values as readonly boolean[], Number);
    case 'doubleVal':
      return Float64Array.from(values as readonly number[]);
    case 'i64Val':
      return BigInt64Array.from(values as readonly Int64[], ({ buffer, offset }) => buffer.readBigInt64BE(offset));
    case 'binaryVal':
      return (values as readonly Buffer[]).map((bytes) => bytes.toString('hex'));
    default:
      return values as readonly string[];
  }
}

/** Days since 1970-01-01 of YYYY-MM-DD in the proleptic Gregorian calendar; 0 for the filler of a null. */
function daysOf(date: string): number {
  if (date === '') return 0;
  const dash = date.indexOf('-', 1);
  const month = Number(date.slice(dash + 1, dash + 3));
  // years that start in March, so that a leap day is the last of its year
  const year = Number(date.slice(0, dash)) - (month <= 2 ? 1 : 0);
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + Number(date.slice(dash + 4)) - 1;
  return 365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) + dayOfYear - 719_468;
}

/** node-int64: eight bytes of a buffer, highest first. */
interface Int64 {
  buffer: Buffer;
  offset: number;
}

/** One byte a row from Hive's bits (lowest first, trailing zero bytes left out); undefined when nothing is null. */
function nullMarks(bits: Uint8Array, rows: number): Uint8Array | undefined {
  if (bits.every((byte) => byte === 0)) return undefined;
  const marks = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) marks[row] = (bits[row >> 3]! >> (row & 7)) & 1;
  return marks;
}
