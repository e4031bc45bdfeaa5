// Snappy compression (https://github.com/google/snappy/blob/main/format_description.txt), with the algorithm of snappyjs.
// A hash table maps each sequence of four bytes to its last position. Copies reach back at most 64 KiB.
// The search step grows while no match is found, so that incompressible input is fast.

/** Greatest distance in bytes between a copy and its source. */
const mostOffset: u32 = 0xffff;
/** Log2 of the greatest number of slots of the hash table. */
const mostTableBits: u32 = 14;
/** Minimum number of bytes between the start of a copy and the end of the input. */
const margin: u32 = 15;

/** Log2 of the slots of the hash table for an input of `bytes` bytes. The table has at most as many slots as the input has bytes. */
function tableBits(bytes: u32): u32 {
  let bits: u32 = 1;
  while ((<u32>1) << bits <= bytes && bits <= mostTableBits) bits++;
  return bits - 1;
}

function matchSlot(table: usize, at: usize, shift: u32): usize {
  return table + ((<usize>((load<u32>(at) * 0x1e35a7bd) >>> shift)) << 2);
}

/** Writes a literal element; returns the address after it. */
function emitLiteral(target: usize, from: usize, length: u32): usize {
  const value = length - 1;
  if (length <= 60) {
    store<u8>(target++, value << 2);
  } else {
    const bytes: u32 = value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 4;
    store<u8>(target++, (59 + bytes) << 2);
    for (let i: u32 = 0; i < bytes; i++) store<u8>(target++, value >>> (i << 3));
  }
  memory.copy(target, from, length);
  return target + length;
}

/** Writes a copy element for 4 to 64 earlier bytes; returns the address after it. */
function emitShortCopy(target: usize, offset: u32, length: u32): usize {
  if (length < 12 && offset < 2048) {
    store<u8>(target, 1 + ((length - 4) << 2) + ((offset >>> 8) << 5));
    store<u8>(target, offset, 1);
    return target + 2;
  }
  store<u8>(target, 2 + ((length - 1) << 2));
  store<u8>(target, offset, 1);
  store<u8>(target, offset >>> 8, 2);
  return target + 3;
}

/** Writes copy elements for 4 or more earlier bytes; returns the address after the last element. */
function emitCopy(target: usize, offset: u32, length: u32): usize {
  while (length >= 68) {
    target = emitShortCopy(target, offset, 64);
    length -= 64;
  }
  if (length > 64) {
    target = emitShortCopy(target, offset, 60);
    length -= 60;
  }
  return emitShortCopy(target, offset, length);
}

/** Number of equal bytes from two positions on. Stops where the later position `at` reaches `end`. */
function matchLength(at: usize, earlier: usize, end: usize): u32 {
  const begin = at;
  while (at + 8 <= end) {
    const difference = load<u64>(at) ^ load<u64>(earlier);
    if (difference !== 0) return <u32>(at - begin) + <u32>(ctz(difference) >>> 3);
    at += 8;
    earlier += 8;
  }
  while (at < end && load<u8>(at) === load<u8>(earlier)) {
    at++;
    earlier++;
  }
  return <u32>(at - begin);
}

/**
 * Compresses `bytes` bytes. Returns the compressed size in bytes.
 * @param target space for 32 + bytes + bytes / 6 bytes
 * @param scratch u32[2^14]: hash table
 */
export function compressSnappy(input: usize, bytes: u32, target: usize, scratch: usize): u32 {
  const begin = target;
  let rest = bytes;
  for (; rest > 0x7f; rest >>>= 7) store<u8>(target++, (rest & 0x7f) | 0x80);
  store<u8>(target++, rest);
  const end = input + bytes;
  let literal = input;
  if (bytes >= margin) {
    const bits = tableBits(bytes);
    const shift = 32 - bits;
    memory.fill(scratch, 0, (<usize>1) << (bits + 2));
    const limit = end - margin;
    let at = input + 1;
    for (;;) {
      // Searches the next position whose four bytes occurred before.
      let earlier: usize = 0;
      let skip: u32 = 32;
      for (;;) {
        if (at > limit) break;
        const slot = matchSlot(scratch, at, shift);
        earlier = input + load<u32>(slot);
        store<u32>(slot, <u32>(at - input));
        if (<u32>(at - earlier) <= mostOffset && load<u32>(at) === load<u32>(earlier)) break;
        at += skip >>> 5;
        skip++;
      }
      if (at > limit) break;
      target = emitLiteral(target, literal, <u32>(at - literal));
      let isFound = true;
      while (isFound) {
        const length = 4 + matchLength(at + 4, earlier + 4, end);
        target = emitCopy(target, <u32>(at - earlier), length);
        at += length;
        literal = at;
        if (at >= limit) break;
        store<u32>(matchSlot(scratch, at - 1, shift), <u32>(at - 1 - input));
        const slot = matchSlot(scratch, at, shift);
        earlier = input + load<u32>(slot);
        store<u32>(slot, <u32>(at - input));
        isFound = <u32>(at - earlier) <= mostOffset && load<u32>(at) === load<u32>(earlier);
      }
      if (literal >= limit) break;
      at++;
    }
  }
  if (literal < end) target = emitLiteral(target, literal, <u32>(end - literal));
  return <u32>(target - begin);
}
