import { types, widths } from './thrift-types.ts';

/** Finds where a message ends, from what has come of it: an offset, or -1 as long as the end has not come. Call with growing input. */
export type MessageEnd = (bytes: Buffer, length: number) => number;

/** End of a message that has its length before it (SASL). */
export function framedEnd(): MessageEnd {
  return (bytes, length) => {
    if (length < 4) return -1;
    const end = 4 + bytes.readInt32BE(0);
    return length >= end ? end : -1;
  };
}

/** What is still open around the place that the walk has reached: a struct, or `left` values of a list or map. */
interface Open {
  /** Types of the values, in turn; empty: a struct, whose fields tell theirs. */
  elements: readonly number[];
  left: number;
}

/**
 * End of a message of thrift's binary protocol that has no length (NOSASL), by walking over its fields. The walk goes on where
 * it stopped for want of bytes, so that each byte is looked at once: decoding anew at every chunk, as thrift itself does, takes
 * time quadratic in the size of the message.
 */
export function unframedEnd(): MessageEnd {
  let at = 0;
  let open: Open[] | undefined;

  /** Skips a value of fixed or known length, or opens one that has parts; false: not all of what it needs has come. */
  const enter = (type: number, bytes: Buffer, length: number, stack: Open[]): boolean => {
    const width = widths.get(type);
    if (width !== undefined) {
      at += width;
    } else if (type === types.string) {
      if (length < at + 4) return false;
      at += 4 + bytes.readInt32BE(at);
    } else if (type === types.struct) {
      stack.push({ elements: [], left: 0 });
    } else if (type === types.map) {
      if (length < at + 6) return false;
      stack.push({ elements: [bytes[at]!, bytes[at + 1]!], left: 2 * bytes.readInt32BE(at + 2) });
      at += 6;
    } else if (type === types.list || type === types.set) {
      if (length < at + 5) return false;
      stack.push({ elements: [bytes[at]!], left: bytes.readInt32BE(at + 1) });
      at += 5;
    } else {
      throw new Error(`thrift: unknown type ${type}`);
    }
    return true;
  };

  /** Most of a message of rows is lists of texts. */
  const skipTexts = (list: Open, bytes: Buffer, length: number): boolean => {
    let { left } = list;
    for (; left > 0 && length >= at + 4; left--) at += 4 + bytes.readInt32BE(at);
    list.left = left;
    return left === 0;
  };

  /** One step inside the innermost open value; false: wait for more bytes. */
  const step = (bytes: Buffer, length: number, stack: Open[]): boolean => {
    const inner = stack.at(-1)!;
    if (inner.elements.length > 0) {
      if (inner.left === 0) {
        stack.pop();
        return true;
      }
      const width = inner.elements.length === 1 ? widths.get(inner.elements[0]!) : undefined;
      if (width !== undefined) {
        at += width * inner.left;
        inner.left = 0;
        return true;
      }
      if (inner.elements.length === 1 && inner.elements[0] === types.string) return skipTexts(inner, bytes, length);
      const type = inner.elements[inner.left % inner.elements.length]!;
      const depth = stack.length;
      if (!enter(type, bytes, length, stack)) return false;
      stack[depth - 1]!.left -= 1;
      return true;
    }
    if (length < at + 1) return false;
    if (bytes[at] === types.stop) {
      at += 1;
      stack.pop();
      return true;
    }
    const start = at;
    at += 3;
    if (length >= at && enter(bytes[start]!, bytes, length, stack)) return true;
    at = start;
    return false;
  };

  return (bytes, length) => {
    if (open === undefined) {
      // version and kind, name, sequence
      if (length < 8) return -1;
      at = 12 + bytes.readInt32BE(4);
      open = [{ elements: [], left: 0 }];
    }
    while (open.length > 0 && at <= length && step(bytes, length, open));
    if (open.length > 0 || at > length) return -1;
    open = undefined;
    return at;
  };
}
