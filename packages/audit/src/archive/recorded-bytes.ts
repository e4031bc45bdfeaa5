import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '@basketwise/core/base';

/** Error about a file that differs from its record. @param place path of the folder or archive @param file name within `place` */
export function differs(place: string, file: string, how = 'differs from its record'): AppError {
  return new AppError('bad-data', `${place}: ${file} ${how}`, 'Restore it from a copy: docs/audit.md.');
}

/**
 * Error about a folder or an archive on whose files the program fails, although they may agree with their hashes.
 * Returns errors that say more unchanged.
 */
export function unfit(place: string, cause: unknown): unknown {
  if (cause instanceof AppError && cause.code !== 'bug') return cause;
  const hint = 'Restore it from a copy. If no one has changed it, report this.';
  return new AppError('bad-data', `${place}: a file is damaged, or the files do not fit one another`, hint, { cause });
}

/** Greatest number of bytes in one read. */
const mostAtOnce = 1 << 20;

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
  const buffer = Buffer.allocUnsafe(Math.min(mostAtOnce, Math.max(1, bytes)));
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
