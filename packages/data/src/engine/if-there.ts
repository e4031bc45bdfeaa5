import { AppError } from '@basketwise/core/error';

/** Errors of the system that say that nothing of the kind is there: no such name, a folder for a file, a file for a link. */
const absent = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL'];

/**
 * Waits for something that is read of a path; undefined where nothing of the kind is there.
 * @throws AppError not-permitted, bad-data where it cannot be read: what is not known is not taken for absent
 */
export async function ifThere<T>(path: string, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (absent.includes(code)) return undefined;
    const isRefused = code === 'EACCES' || code === 'EPERM';
    const hint = isRefused ? 'Let this user read it.' : 'Look at the disk; the same command goes on where this one was.';
    throw new AppError(isRefused ? 'not-permitted' : 'bad-data', `${path} cannot be read: ${code}`, hint, { cause });
  }
}
