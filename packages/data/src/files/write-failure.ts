import { AppError } from '@basketwise/core/error';

/** Pattern of the operating system's error codes. (Node's own codes begin with `ERR_`.) */
const systemError = /^E[A-Z0-9]+$/;

/** Converts the system's error on writing `path` to an AppError. Returns all other errors unchanged. */
export function writeFailure(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (cause instanceof AppError || code === undefined || !systemError.test(code)) return cause;
  const hint =
    code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space there.' : 'Let this user write there, or set another output.dir.';
  return new AppError('cannot-write', `cannot write ${path}: ${code}`, hint, { cause });
}
