/**
 * Tar files in one canonical form (POSIX ustar, with pax headers for long names and files from 8 GiB on): equal names and contents give
 * equal bytes, and any ordinary tool unpacks them. Owner and time of a file are not written: mode 0600, 1970.
 */

/** Bytes of a block. */
const block = 512;

/** Two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(2 * block);

/** Bytes that the field of a header can express: 11 octal digits. */
const mostBytes = 8 ** 11 - 1;

/** Header of a file, whose content and padding follow. @param bytes size of the content */
export function tarHeader(name: string, bytes: number): Buffer {
  if (bytes <= mostBytes && /^[\x20-\x7e]{1,100}$/.test(name)) return ustar(name, bytes, '0');
  const records = Buffer.from(paxRecord('path', name) + paxRecord('size', String(bytes)));
  const plain = ustar('file', Math.min(bytes, mostBytes), '0');
  return Buffer.concat([ustar('pax', records.length, 'x'), records, tarPadding(records.length), plain]);
}

/** Zeros between a content and the next block. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((block - (bytes % block)) % block);
}

/** Name and size in the header at the beginning of some bytes; undefined if there is no header in canonical form. */
export function parseTarHeader(bytes: Buffer): { name: string; bytes: number } | undefined {
  const field = (from: number, length: number) => bytes.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  const size = Number.parseInt(field(124, 12), 8);
  const records = field(156, 1) === 'x' ? bytes.toString('utf8', block, block + size) : undefined;
  const paths = records === undefined ? undefined : /^\d+ path=(.*)\n\d+ size=(\d+)\n$/s.exec(records);
  if (records !== undefined && !paths) return undefined;
  const found = paths ? { name: paths[1]!, bytes: Number(paths[2]) } : { name: field(0, 100), bytes: size };
  if (!Number.isSafeInteger(found.bytes) || found.bytes < 0) return undefined;
  const header = tarHeader(found.name, found.bytes);
  return header.equals(bytes.subarray(0, header.length)) ? found : undefined;
}

function ustar(name: string, bytes: number, kind: '0' | 'x'): Buffer {
  const header = Buffer.alloc(block);
  const put = (at: number, text: string) => header.write(text, at, 'latin1');
  put(0, name);
  put(100, '0000600\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${bytes.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, kind);
  put(257, 'ustar\x0000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** Record of a pax header, which begins with its own length in bytes. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = (total: number) => String(total).length;
  const once = length + digits(length);
  return `${length + digits(once)}${rest}`;
}
