import type { HiveStatus } from './failure.ts';
import { types, widths } from './thrift-types.ts';

/** What a column's values are, by the number of its field in thrift's TColumn. */
const kinds = ['unknown', 'bool', 'byte', 'i16', 'i32', 'i64', 'double', 'string', 'binary'] as const;

/** A column of a reply, not decoded yet: where its values lie in the message, which is there for a moment only. */
export interface RawColumn {
  kind: (typeof kinds)[number];
  /** The whole message. */
  bytes: Buffer;
  /** Offset of the first value (for texts: of its length) and the one after the last. */
  start: number;
  end: number;
  rows: number;
  /** One bit a row, lowest first, trailing zero bytes left out. */
  nulls: Uint8Array;
}

/** A reply to FetchResults. */
export interface FetchReply {
  status: HiveStatus & { statusCode: number };
  /** Rows of every column; 0: the result has been read to its end. */
  rows: number;
  columns: readonly RawColumn[];
}

/**
 * Reads a reply to FetchResults (TFetchResultsResp in thrift's binary protocol) without making a value of its rows.
 * @param at where the reply's struct starts, after the head of the message
 * @throws RangeError when the message ends before the reply does
 */
export function readFetchReply(bytes: Buffer, at: number): FetchReply {
  const reply: FetchReply = { status: { statusCode: 0 }, rows: 0, columns: [] };
  const reader = new Reader(bytes, at);
  // the function's result: field 0 is the reply
  reader.fields((result) => {
    if (result !== 0) return false;
    reader.fields((field) => {
      if (field === 1) reply.status = readStatus(reader);
      else if (field === 3) reply.columns = readColumns(reader);
      else return false;
      return true;
    });
    return true;
  });
  reply.rows = reply.columns[0]?.rows ?? 0;
  return reply;
}

function readStatus(reader: Reader): FetchReply['status'] {
  const status: FetchReply['status'] = { statusCode: 0 };
  reader.fields((field) => {
    if (field === 1) status.statusCode = reader.int();
    else if (field === 2) status.infoMessages = reader.list(() => reader.text());
    else if (field === 3) status.sqlState = reader.text();
    else if (field === 4) status.errorCode = reader.int();
    else if (field === 5) status.errorMessage = reader.text();
    else return false;
    return true;
  });
  return status;
}

/** TRowSet: its columns are field 3. */
function readColumns(reader: Reader): RawColumn[] {
  let columns: RawColumn[] = [];
  reader.fields((field) => {
    if (field !== 3) return false;
    columns = reader.list(() => readColumn(reader));
    return true;
  });
  return columns;
}

/** TColumn: a union of structs of values (field 1) and null bits (field 2). */
function readColumn(reader: Reader): RawColumn {
  const { bytes } = reader;
  const column: RawColumn = { kind: 'unknown', bytes, start: 0, end: 0, rows: 0, nulls: new Uint8Array() };
  reader.fields((kind) => {
    column.kind = kinds[kind] ?? 'unknown';
    reader.fields((field) => {
      if (field === 1) Object.assign(column, reader.values());
      else if (field === 2) column.nulls = reader.binary();
      else return false;
      return true;
    });
    return true;
  });
  return column;
}

/** Walks over a struct of thrift's binary protocol. */
class Reader {
  readonly bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.#at = at;
  }

  /** Calls back with the number of each field of a struct; what is not `taken` is skipped. */
  fields(take: (field: number) => boolean): void {
    for (let type = this.#byte(); type !== types.stop; type = this.#byte()) {
      const field = this.bytes.readInt16BE(this.#at);
      this.#at += 2;
      if (!take(field)) this.#skip(type);
    }
  }

  int(): number {
    this.#at += 4;
    return this.bytes.readInt32BE(this.#at - 4);
  }

  binary(): Buffer {
    const length = this.int();
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.binary().toString('utf8');
  }

  list<T>(read: () => T): T[] {
    this.#at += 1;
    return Array.from({ length: this.int() }, read);
  }

  /** The place of a list of scalars. */
  values(): Pick<RawColumn, 'start' | 'end' | 'rows'> {
    const type = this.#byte();
    const rows = this.int();
    const start = this.#at;
    this.#skipAll(type, rows);
    return { start, end: this.#at, rows };
  }

  #byte(): number {
    this.#at += 1;
    return this.bytes.readUInt8(this.#at - 1);
  }

  #skip(type: number): void {
    if (type === types.struct) this.fields(() => false);
    else if (type === types.list || type === types.set) {
      const element = this.#byte();
      this.#skipAll(element, this.int());
    } else if (type === types.map) {
      const [key, value] = [this.#byte(), this.#byte()];
      for (let left = this.int(); left > 0; left--) {
        this.#skip(key);
        this.#skip(value);
      }
    } else this.#skipAll(type, 1);
  }

  #skipAll(type: number, count: number): void {
    const width = widths.get(type);
    if (width !== undefined) this.#at += width * count;
    else if (type === types.string) for (let i = 0; i < count; i++) this.#at += 4 + this.bytes.readInt32BE(this.#at);
    else for (let i = 0; i < count; i++) this.#skip(type);
    if (this.#at > this.bytes.length) throw new RangeError('thrift: the message ends before the reply does');
  }
}
