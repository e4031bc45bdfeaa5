import { stat } from 'node:fs/promises';
import { hashFile } from './hash-file.ts';
import { ifThere } from './if-there.ts';
import { syncPath } from './sync-path.ts';
import { writeFailure } from './write-failure.ts';

/** Record of a file in a manifest: its path, size and sha256. */
export interface FileRecord {
  /** Path relative to the run folder, with `/` on all systems. */
  file: string;
  bytes: number;
  sha256: string;
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
