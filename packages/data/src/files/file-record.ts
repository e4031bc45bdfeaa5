import { stat } from 'node:fs/promises';
import { hashFile, ifThere } from './open-file.ts';
import { syncPath, writeFailure } from './sync-path.ts';

/** Record of a file in a manifest: its path, size and sha256. */
export interface FileRecord {
  /** Path relative to the run folder, with `/` on all systems. */
  file: string;
  bytes: number;
  sha256: string;
}

/** Path within a folder, with `/`: no part of it is empty, hidden, `..`, or has control characters. */
const insidePath = /^(?!\.)[^/\\\p{Cc}\p{Cs}]+(?:\/(?!\.)[^/\\\p{Cc}\p{Cs}]+)*$/u;
const mostLength = 1024;

/** Whether a value read from a file is a path that stays within a folder. Every text that becomes a path must be one. */
export function isInside(value: unknown): value is string {
  return typeof value === 'string' && value.length <= mostLength && insidePath.test(value);
}

/** Whether a value read from a file is the record of a file. */
export function isFileRecord(value: unknown): value is FileRecord {
  const { file, bytes, sha256 } = (value ?? {}) as Partial<Record<keyof FileRecord, unknown>>;
  return isInside(file) && Number.isSafeInteger(bytes) && Number(bytes) >= 0 && /^[0-9a-f]{64}$/.test(String(sha256));
}

/**
 * Makes the record of a file that was just written, and makes the file durable on disk.
 * @param known sha256 of the file, if the caller knows it; absent: the file is read
 * @throws AppError cannot-write
 */
export async function recordFile(path: string, file: string, known?: string): Promise<FileRecord> {
  try {
    const [{ size }, sha256] = await Promise.all([stat(path), known ?? hashFile(path), syncPath(path)]);
    return { file, bytes: size, sha256 };
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}

/**
 * Whether a file has the size and sha256 of its record. Reads the whole file.
 * @throws AppError as `ifThere`
 */
export async function isAsRecorded(path: string, { bytes, sha256 }: FileRecord): Promise<boolean> {
  const found = await ifThere(path, stat(path));
  return found?.size === bytes && (await ifThere(path, hashFile(path))) === sha256;
}
