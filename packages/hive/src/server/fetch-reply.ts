import type { HiveStatus } from './failure.ts';
import { MalformedReply, thriftTypes, widths } from './message-end.ts';

/** Kinds of column values. The position is the number of the field in thrift's TColumn. */
const valueKinds = ['unknown', 'bool', 'byte', 'i16', 'i32', 'i64', 'double', 'string', 'binary'] as const;

/** thrift type of the values of each kind. */
const valueTypes: Readonly<Record<RawColumn['kind'], number | undefined>> = {
  ...{
    unknown: undefined,
    bool: thriftTypes.bool,
    byte: thriftTypes.byte,
    i16: thriftTypes.i16,
    i32: thriftTypes.i32,
    i64: thriftTypes.i64,
  },
  ...{ double: thriftTypes.double, string: thriftTypes.string, binary: thriftTypes.string },
};

/**
 * Column of a reply before decoding: where its values are in the message. The bytes of the message are overwritten by the next
 * one.
 */
export interface RawColumn {
  kind: (typeof valueKinds)[number];
  /** All bytes of the message. */
  bytes: Buffer;
  /** Offset of the first value. For texts, the offset of the length before the first text. */
  start: number;
  /** Offset after the last value. */
  end: number;
  rows: number;
  /** One bit per row, 1 for a null. Lowest bit first; trailing zero bytes are omitted. */
  nulls: Uint8Array;
}

/** Reply to FetchResults. */
export interface FetchReply {
  status: HiveStatus & { statusCode: number };
  /** Number of rows, the same for every column. 0: all rows of the result have been fetched. */
  rows: number;
  columns: readonly RawColumn[];
}

/**
 * Reads a reply to FetchResults (TFetchResultsResp in thrift's binary protocol) without decoding its rows.
 * @param at offset at which the reply's struct begins, after the head of the message
 * @throws MalformedReply if the message ends before the reply does, or lacks a required field
 */
export function readFetchReply(bytes: Buffer, at: number): FetchReply {
  const reader = new ThriftReader(bytes, at);
  let status: FetchReply['status'] | undefined;
  let columns: RawColumn[] = [];
  // The function's result: field 0 is the reply.
  reader.fields((result, kind) => {
    if (result !== 0 || kind !== thriftTypes.struct) return false;
    reader.fields((field, type) => {
      if (field === 1 && type === thriftTypes.struct) status = readStatus(reader);
      else if (field === 3 && type === thriftTypes.struct) columns = readColumns(reader);
      else return false;
      return true;
    });
    return true;
  });
  if (status === undefined) throw new MalformedReply('rows without a status');
  const rows = columns[0]?.rows ?? 0;
  for (const column of columns) if (column.rows !== rows) throw new MalformedReply('columns of different numbers of rows');
  return { status, rows, columns };
}

function readStatus(reader: ThriftReader): FetchReply['status'] {
  const status: HiveStatus & { statusCode?: number } = {};
  reader.fields((field, type) => {
    if (field === 1 && type === thriftTypes.i32) status.statusCode = reader.int();
    else if (field === 2 && type === thriftTypes.list) status.infoMessages = reader.list(thriftTypes.string, () => reader.text());
    else if (field === 3 && type === thriftTypes.string) status.sqlState = reader.text();
    else if (field === 4 && type === thriftTypes.i32) status.errorCode = reader.int();
    else if (field === 5 && type === thriftTypes.string) status.errorMessage = reader.text();
    else return false;
    return true;
  });
  const { statusCode } = status;
  if (statusCode === undefined) throw new MalformedReply('a status without its code');
  return { ...status, statusCode };
}

/** Reads a TRowSet, whose columns are field 3. */
function readColumns(reader: ThriftReader): RawColumn[] {
  let columns: RawColumn[] = [];
  reader.fields((field, type) => {
    if (field !== 3 || type !== thriftTypes.list) return false;
    columns = reader.list(thriftTypes.struct, () => readColumn(reader));
    return true;
  });
  return columns;
}

/** Reads a TColumn: a union of structs of values (field 1) and null bits (field 2). */
function readColumn(reader: ThriftReader): RawColumn {
  const { bytes } = reader;
  const column: RawColumn = { kind: 'unknown', bytes, start: 0, end: 0, rows: 0, nulls: new Uint8Array() };
  const had = new Set<number>();
  reader.fields((kind, holder) => {
    if (holder !== thriftTypes.struct) return false;
    column.kind = valueKinds[kind] ?? 'unknown';
    reader.fields((field, type) => {
      if (field === 1 && type === thriftTypes.list) Object.assign(column, reader.values(valueTypes[column.kind]));
      else if (field === 2 && type === thriftTypes.string) column.nulls = reader.binary();
      else return false;
      had.add(field);
      return true;
    });
    return true;
  });
  if (had.size < 2) throw new MalformedReply('a column without its values or its nulls');
  return column;
}

/** Reads a struct in thrift's binary protocol, field by field. */
class ThriftReader {
  readonly bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.#at = at;
  }

  /** Calls `take` with the number and type of each field of a struct. `take` returns false to skip the field. */
  fields(take: (field: number, type: number) => boolean): void {
    for (let type = this.#byte(); type !== thriftTypes.stop; type = this.#byte()) {
      this.#at += 2;
      this.#within();
      if (!take(this.bytes.readInt16BE(this.#at - 2), type)) this.#skip(type);
    }
  }

  int(): number {
    this.#at += 4;
    this.#within();
    return this.bytes.readInt32BE(this.#at - 4);
  }

  binary(): Buffer {
    const length = this.#size();
    this.#at += length;
    this.#within();
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.binary().toString('utf8');
  }

  list<T>(element: number, read: () => T): T[] {
    const [type, count] = [this.#byte(), this.#size()];
    if (count > 0 && type !== element) throw new MalformedReply(`a list of type ${type} in place of ${element}`);
    const values: T[] = [];
    // No memory is allocated for a count that exceeds the message.
    for (let i = 0; i < count; i++) values.push(read());
    return values;
  }

  /**
   * Reads a list of numbers or texts, and returns its position.
   * @param wanted required type of the values; undefined: any type
   */
  values(wanted: number | undefined): Pick<RawColumn, 'start' | 'end' | 'rows'> {
    const type = this.#byte();
    const rows = this.#size();
    if (rows > 0 && wanted !== undefined && type !== wanted) {
      throw new MalformedReply(`values of type ${type} in place of ${wanted}`);
    }
    const start = this.#at;
    this.#skipAll(type, rows);
    return { start, end: this.#at, rows };
  }

  /** Reads a length or a count, which must not be negative. */
  #size(): number {
    const size = this.int();
    if (size < 0) throw new MalformedReply(`a length of ${size}`);
    return size;
  }

  #byte(): number {
    this.#at += 1;
    this.#within();
    return this.bytes[this.#at - 1]!;
  }

  #skip(type: number): void {
    if (type === thriftTypes.struct) this.fields(() => false);
    else if (type === thriftTypes.list || type === thriftTypes.set) {
      const element = this.#byte();
      this.#skipAll(element, this.#size());
    } else if (type === thriftTypes.map) {
      const [key, value] = [this.#byte(), this.#byte()];
      for (let left = this.#size(); left > 0; left--) {
        this.#skip(key);
        this.#skip(value);
      }
    } else if (type === thriftTypes.string || widths.has(type)) this.#skipAll(type, 1);
    else throw new MalformedReply(`a value of unknown type ${type}`);
  }

  #skipAll(type: number, count: number): void {
    const width = widths.get(type);
    if (width !== undefined) this.#at += width * count;
    else if (type === thriftTypes.string) for (let i = 0; i < count; i++) this.binary();
    else for (let i = 0; i < count; i++) this.#skip(type);
    this.#within();
  }

  #within(): void {
    if (this.#at > this.bytes.length) throw new MalformedReply('it ends early');
  }
}
