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
 * Whether an error is one of `ifThere` about a path that exists and cannot be read. Such an error says nothing about the content, and can pass: a
 * caller that treats a file with other content as absent must not treat this one so.
 */
export function isUnreadable(error: unknown): boolean {
  return error instanceof AppError && (error.cause as NodeJS.ErrnoException | undefined)?.code !== undefined;
}
