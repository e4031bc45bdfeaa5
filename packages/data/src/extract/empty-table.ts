import { AppError } from '@basketwise/core/error';

/**
 * Error for a table without rows.
 * @param place key of the config
 */
export function emptyTable(place: string, label: string): AppError {
  return new AppError('missing-input', `${place}: ${label} has no rows`, 'Deliver the table again.');
}
