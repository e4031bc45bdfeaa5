import { AppError } from '@basketwise/core/error';

/** Error codes of paths that do not exist: no such name, a folder in place of a file, a file in place of a link. */
const absent = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL'];

/**
 * Awaits a read of a path. Undefined if the path does not exist.
 * @throws AppError not-permitted, bad-data if it cannot be read: an unreadable path does not count as absent
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
