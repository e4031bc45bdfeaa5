/**
 * Finds the end of a message in the bytes received so far: an offset, or -1 if the end has not arrived. Call again after each read, with all bytes received so far.
 * @throws MalformedReply as soon as the bytes cannot become a message within the limits
 */
export type MessageEnd = (bytes: Buffer, length: number) => number;

/** Largest depth of nested values. Messages of HiveServer2 have at most ten levels. */
const deepestNesting = 32;
/** Largest number of values of a message, without those in lists of numbers or texts. Each value becomes an object. */
const mostElements = 1_000_000;
/** Largest number of bytes of a reply without rows. */
const largestOther = 16 << 20;

/**
 * Makes a function that finds the end of a message with a length prefix (SASL). It also checks the structure of the complete
 * message.
 */
export function framedEnd(): MessageEnd {
  return (bytes, length) => {
    if (length < 4) return -1;
    const size = bytes.readInt32BE(0);
    if (size < 0 || size > largestReply) throw new MalformedReply(`a message of ${size} bytes`);
    if (length < 4 + size) return -1;
    const message = bytes.subarray(4, 4 + size);
    // An empty message occurs after SASL's login.
    if (size > 0 && unframedEnd()(message, size) !== size)
      throw new MalformedReply('the length of a message differs from its prefix');
    return 4 + size;
  };
}

/** Container that has begun but not ended at the current position: a struct, or a list or map with `left` more values. */
interface Open {
  /** Types of the values, repeated in turn. Empty for a struct, whose fields have their own types. */
  elements: readonly number[];
  left: number;
}

/**
 * Makes a function that finds the end of a message without a length prefix (NOSASL), by traversing its fields. If bytes are
 * missing, the next call continues there, so that each byte is read once. thrift itself decodes anew at every chunk, which takes
 * time quadratic in the size of the message. A message whose end was found can be decoded: no length in it is negative or beyond
 * the message.
 */
export function unframedEnd(): MessageEnd {
  const walk = new Walk();
  return (bytes, length) => walk.end(bytes, length);
}

class Walk {
  #at = 0;
  #values = 0;
  #largest = largestOther;
  #open: Open[] | undefined;

  end(bytes: Buffer, length: number): number {
    if (this.#open === undefined && !this.#begin(bytes, length)) return -1;
    const stack = this.#open!;
    while (stack.length > 0 && this.#at <= length && this.#step(bytes, length, stack));
    if (stack.length > 0 || this.#at > length) return -1;
    this.#open = undefined;
    return this.#at;
  }

  /** Skips the head: version and kind, name, sequence number. False if bytes are missing. */
  #begin(bytes: Buffer, length: number): boolean {
    if (length < 4) return false;
    if (bytes.readUInt16BE(0) !== 0x8001) throw new MalformedReply('no message of thrift');
    if (length < 8) return false;
    const name = bytes.readInt32BE(4);
    if (name < 0 || name > 100) throw new MalformedReply(`a name of ${name} bytes`);
    if (length < 12 + name) return false;
    this.#at = 12 + name;
    this.#values = 0;
    this.#largest = bytes.toString('latin1', 8, 8 + name) === 'FetchResults' ? largestReply : largestOther;
    this.#open = [{ elements: [], left: 0 }];
    return true;
  }

  /** Takes one step within the innermost open container. False if bytes are missing. */
  #step(bytes: Buffer, length: number, stack: Open[]): boolean {
    const inner = stack.at(-1)!;
    return inner.elements.length > 0 ? this.#element(inner, bytes, length, stack) : this.#field(bytes, length, stack);
  }

  #field(bytes: Buffer, length: number, stack: Open[]): boolean {
    if (length < this.#at + 1) return false;
    if (bytes[this.#at] === thriftTypes.stop) {
      this.#at += 1;
      stack.pop();
      return true;
    }
    const start = this.#at;
    this.#at += 3;
    if (length >= this.#at && this.#enter(bytes[start]!, bytes, length, stack)) return true;
    this.#at = start;
    return false;
  }

  #element(inner: Open, bytes: Buffer, length: number, stack: Open[]): boolean {
    if (inner.left === 0) {
      stack.pop();
      return true;
    }
    if (inner.elements.length === 1) {
      const width = widths.get(inner.elements[0]!);
      if (width !== undefined) {
        this.#pass(width * inner.left);
        inner.left = 0;
        return true;
      }
      if (inner.elements[0] === thriftTypes.string) return this.#texts(inner, bytes, length);
    }
    const type = inner.elements[inner.left % inner.elements.length]!;
    if (!this.#enter(type, bytes, length, stack)) return false;
    inner.left -= 1;
    return true;
  }

  /** Skips the texts of a list. False if bytes are missing. Most of a message with rows are lists of texts. */
  #texts(list: Open, bytes: Buffer, length: number): boolean {
    let { left } = list;
    let at = this.#at;
    for (; left > 0 && length >= at + 4; left--) at += 4 + checkedLength(bytes.readInt32BE(at));
    list.left = left;
    this.#pass(at - this.#at);
    return left === 0;
  }

  /** Skips a value of known length, or opens a container. False if bytes are missing. */
  #enter(type: number, bytes: Buffer, length: number, stack: Open[]): boolean {
    const at = this.#at;
    const width = widths.get(type);
    if (width !== undefined) {
      this.#pass(width);
    } else if (type === thriftTypes.string) {
      if (length < at + 4) return false;
      this.#pass(4 + checkedLength(bytes.readInt32BE(at)));
    } else if (type === thriftTypes.struct) {
      stack.push({ elements: [], left: 0 });
    } else if (type === thriftTypes.map) {
      if (length < at + 6) return false;
      stack.push({ elements: [bytes[at]!, bytes[at + 1]!], left: 2 * checkedLength(bytes.readInt32BE(at + 2)) });
      this.#pass(6);
    } else if (type === thriftTypes.list || type === thriftTypes.set) {
      if (length < at + 5) return false;
      stack.push({ elements: [bytes[at]!], left: checkedLength(bytes.readInt32BE(at + 1)) });
      this.#pass(5);
    } else {
      throw new MalformedReply(`a value of unknown type ${type}`);
    }
    this.#values += 1;
    if (stack.length > deepestNesting) throw new MalformedReply('values are nested too deeply');
    if (this.#values > mostElements) throw new MalformedReply('too many values');
    return true;
  }

  #pass(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#largest) throw new MalformedReply('a message is too large');
  }
}

/** Returns a length or count. Throws if it is negative. */
function checkedLength(number: number): number {
  if (number < 0) throw new MalformedReply(`a length of ${number}`);
  return number;
}

/**
 * Error for bytes that are not a reply of HiveServer2, or may be parts of several replies. The connection is abandoned, because a
 * retry would not help.
 */
export class MalformedReply extends Error {
  constructor(what: string) {
    super(`the server's reply is malformed: ${what}`);
  }
}

/** Largest number of bytes of a reply. A reply has at most some thousand rows. */
export const largestReply = 128 << 20;

/** Number of each type in thrift's binary protocol. */
export const thriftTypes = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
};

/** Number of bytes of a value, for the types whose values have a fixed size. */
export const widths: ReadonlyMap<number, number> = new Map([
  [thriftTypes.bool, 1],
  [thriftTypes.byte, 1],
  [thriftTypes.double, 8],
  [thriftTypes.i16, 2],
  [thriftTypes.i32, 4],
  [thriftTypes.i64, 8],
]);
