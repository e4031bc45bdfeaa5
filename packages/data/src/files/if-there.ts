import { AppError } from '@basketwise/core/error';

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
