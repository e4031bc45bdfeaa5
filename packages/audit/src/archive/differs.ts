import { AppError } from '@basketwise/core/error';

/** Error about a file that differs from its record. @param place path of the folder or archive @param file name within `place` */
export function differs(place: string, file: string, how = 'differs from its record'): AppError {
  return new AppError('bad-data', `${place}: ${file} ${how}`, 'Restore it from a copy: docs/archive.md.');
}
