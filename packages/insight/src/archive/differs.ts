import { AppError } from '@basketwise/core/error';

/** Error about a file that is not the recorded one. @param place folder or archive @param file in it */
export function differs(place: string, file: string, how = 'differs from its record'): AppError {
  return new AppError('bad-data', `${place}: ${file} ${how}`, 'Restore it from a copy: docs/archive.md.');
}
