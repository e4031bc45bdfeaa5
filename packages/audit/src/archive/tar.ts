/**
 * Tar files in one canonical form: POSIX ustar, with pax headers for long names and for files of at least 8 GiB.
 * Equal names and contents give equal bytes, and any tar program unpacks them.
 * The owner and time of a file are not recorded: each file has mode 0600 and a time in 1970.
 */

/** Bytes of a tar block. */
const block = 512;

/** End mark of a tar file: two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(2 * block);

/** Greatest file size that a tar header can express with its 11 octal digits, in bytes. */
const mostBytes = 8 ** 11 - 1;

/** Tar header of a file. The content and the padding follow it. @param bytes size of the content in bytes */
export function tarHeader(name: string, bytes: number): Buffer {
  if (bytes <= mostBytes && /^[\x20-\x7e]{1,100}$/.test(name)) return ustar(name, bytes, '0');
  const records = Buffer.from(paxRecord('path', name) + paxRecord('size', String(bytes)));
  const plain = ustar('file', Math.min(bytes, mostBytes), '0');
  return Buffer.concat([ustar('pax', records.length, 'x'), records, tarPadding(records.length), plain]);
}

/** Zeros that fill the last block of a content. @param bytes size of the content in bytes */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((block - (bytes % block)) % block);
}

/** Parses the tar header at the beginning of some bytes. Undefined if it is not a header in the canonical form. */
export function parseTarHeader(bytes: Buffer): { name: string; bytes: number } | undefined {
  const field = (from: number, length: number) => bytes.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  const size = Number.parseInt(field(124, 12), 8);
  const records = field(156, 1) === 'x' ? bytes.toString('utf8', block, block + size) : undefined;
  const paths = records === undefined ? undefined : /^\d+ path=(.*)\n\d+ size=(\d+)\n$/s.exec(records);
  if (records !== undefined && !paths) return undefined;
  const entry = paths ? { name: paths[1]!, bytes: Number(paths[2]) } : { name: field(0, 100), bytes: size };
  if (!Number.isSafeInteger(entry.bytes) || entry.bytes < 0) return undefined;
  const header = tarHeader(entry.name, entry.bytes);
  return header.equals(bytes.subarray(0, header.length)) ? entry : undefined;
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

/** Record of a pax header: "LENGTH KEY=VALUE\n", where LENGTH counts all bytes of the record, also its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = (total: number) => String(total).length;
  const once = length + digits(length);
  return `${length + digits(once)}${rest}`;
}
