import { createHash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { AppError } from '@basketwise/core/base';

/**
 * Opens a regular file for reading.
 * @throws the system's error; EINVAL for a pipe or a device, which would block; EISDIR for a folder
 */
export async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = await handle.stat();
  if (found.isFile()) return handle;
  await handle.close();
  const code = found.isDirectory() ? 'EISDIR' : 'EINVAL';
  throw Object.assign(new Error(`${code}: ${path} is no file`), { code, path });
}

/** Reads a whole regular file. @throws as `openFile` */
export async function readWhole(path: string): Promise<Buffer> {
  const handle = await openFile(path);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Largest number of bytes that are read at a time. */
const mostBytes = 1 << 20;

/**
 * sha256 of a file's bytes, in hexadecimal. While one of two buffers is hashed, the other is filled. A new buffer per chunk, or
 * large ones for small files, would burden the garbage collector.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await openFile(path);
  try {
    const bytes = Math.min((await handle.stat()).size + 1, mostBytes);
    let [hashed, read] = [Buffer.allocUnsafe(bytes), Buffer.allocUnsafe(bytes)];
    let reading = handle.read(read);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return hash.digest('hex');
      [hashed, read] = [read, hashed];
      reading = handle.read(read);
      hash.update(hashed.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** Error codes that mean that a path does not exist: no such name, a folder instead of a file, or a file instead of a link. */
const absent = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL'];

/**
 * Waits for the result of reading a path. Returns undefined if the path does not exist.
 * @throws AppError not-permitted or bad-data if the path exists but cannot be read
 */
export async function ifThere<T>(path: string, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (absent.includes(code)) return undefined;
    const isRefused = code === 'EACCES' || code === 'EPERM';
    const hint = isRefused ? 'Let this user read it.' : 'Check the disk. The same command resumes where this one stopped.';
    throw new AppError(isRefused ? 'not-permitted' : 'bad-data', `${path} cannot be read: ${code}`, hint, { cause });
  }
}

/**
 * Whether a check of files succeeds; false if it refuses the files with an AppError.
 * @throws AppError of `ifThere` if a file exists but cannot be read: this says nothing about its content, and can pass
 */
export async function succeeds(check: Promise<unknown>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch (error) {
    const isUnreadable = error instanceof AppError && (error.cause as NodeJS.ErrnoException | undefined)?.code !== undefined;
    if (error instanceof AppError && !isUnreadable) return false;
    throw error;
  }
}
