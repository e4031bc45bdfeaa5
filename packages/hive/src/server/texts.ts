import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Largest length of texts whose length field, read as UTF-8, has one character per byte. Texts and lengths can then be decoded in
 * one call.
 */
const longestTogether = 127;

/**
 * Decodes a list of texts of thrift's binary protocol. Before each text is its length in bytes (32 bits, highest byte first). The
 * whole list is decoded in one call, lengths included, and then split into texts. A call per text would take several times as
 * long.
 * @param start offset of the first length
 * @param end offset after the last text
 */
export function decodeTexts(bytes: Buffer, start: number, end: number, count: number): string[] {
  const region = bytes.subarray(start, end);
  if (isAscii(region)) return cut(region.toString('latin1'), region, count, false);
  // A length above 127 is no character of UTF-8. Invalid texts yield an unknown number of replacement characters.
  if (longest(region, count) > longestTogether || !isUtf8(region)) return decodeEach(region, count);
  return cut(region.toString('utf8'), region, count, true);
}

/** Splits the decoded list into its texts. */
function cut(decoded: string, region: Buffer, count: number, isWide: boolean): string[] {
  const texts = new Array<string>(count);
  let at = 0;
  let character = 0;
  for (let i = 0; i < count; i++) {
    const length = readLength(region, at);
    at += 4;
    const from = character + 4;
    character = from + (isWide ? charactersOf(region, at, at + length) : length);
    texts[i] = decoded.substring(from, character);
    at += length;
  }
  return texts;
}

function decodeEach(region: Buffer, count: number): string[] {
  const texts = new Array<string>(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = readLength(region, at);
    texts[i] = region.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
  }
  return texts;
}

function longest(region: Buffer, count: number): number {
  let most = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length = readLength(region, at);
    if (length > most) most = length;
    at += 4 + length;
  }
  return most;
}

/** Number of UTF-16 code units of UTF-8 bytes: two for each character of four bytes, one for each other character. */
function charactersOf(bytes: Buffer, start: number, end: number): number {
  let units = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

function readLength(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
