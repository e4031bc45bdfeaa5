import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Greatest number of bytes in one read. */
const most = 1 << 20;

/**
 * Reads a range of a file in pieces, and hashes the bytes.
 * @param use called with each piece. The piece is valid only until `use` returns
 * @returns sha256 and number of the bytes read. If the file ends within the range, fewer bytes are read
 */
export async function readBytes(
  from: FileHandle,
  { at, bytes }: { at: number; bytes: number },
  use: (piece: Buffer) => Promise<unknown> | unknown = () => {},
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(most, Math.max(1, bytes)));
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, bytes - read), at + read);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    await use(piece);
    read += bytesRead;
  }
  return { sha256: hash.digest('hex'), bytes: read };
}
