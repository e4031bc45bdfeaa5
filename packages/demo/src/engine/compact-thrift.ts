/**
 * Fields of a struct in Thrift's compact protocol, by field number. It has integers, booleans as 1 and 0, and nested structs. Other types are
 * skipped, because checks of a Parquet file need only these.
 */
export interface ThriftStruct {
  [field: number]: number | ThriftStruct;
}

/** Maximum depth of nesting. Parquet files have less. */
const deepest = 16;

/**
 * Reader of structs in Thrift's compact protocol. It refuses a list that claims more elements than the number of remaining bytes. Other readers
 * allocate memory for the claimed length, and for nested lists for the product of lengths.
 * @throws RangeError if the bytes are no struct, or claim more than they contain
 */
export class CompactThrift {
  readonly #bytes: DataView;
  #at: number;

  constructor(bytes: DataView, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Current position in the bytes. After `struct`, the position behind the struct. */
  get at(): number {
    return this.#at;
  }

  struct(depth = 0): ThriftStruct {
    if (depth > deepest) throw new RangeError('nested too deep');
    const fields: ThriftStruct = {};
    for (let id = 0; ; ) {
      const head = this.#byte();
      const type = head & 15;
      if (type === 0) return fields;
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      const value = this.#value(type, depth);
      if (value !== undefined) fields[id] = value;
    }
  }

  #value(type: number, depth: number): number | ThriftStruct | undefined {
    switch (type) {
      case 1:
        return 1;
      case 2:
        return 0;
      case 3:
        this.#skip(1);
        return undefined;
      case 4:
      case 5:
      case 6:
        return this.#zigzag();
      case 7:
        this.#skip(8);
        return undefined;
      case 8:
        this.#skip(this.#varint());
        return undefined;
      case 9:
        this.#list(depth);
        return undefined;
      case 12:
        return this.struct(depth + 1);
      default:
        throw new RangeError('a type that Parquet does not have');
    }
  }

  #list(depth: number): void {
    if (depth > deepest) throw new RangeError('nested too deep');
    const head = this.#byte();
    const type = head & 15;
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (size > this.#bytes.byteLength - this.#at) throw new RangeError('a list of more elements than there are bytes');
    // In lists, true and false take a byte each.
    for (let i = 0; i < size; i++) this.#value(Math.max(type, 3), depth + 1);
  }

  #byte(): number {
    return this.#bytes.getUint8(this.#at++);
  }

  #skip(bytes: number): void {
    if (bytes > this.#bytes.byteLength - this.#at) throw new RangeError('the bytes end within a value');
    this.#at += bytes;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('a number that does not end');
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
