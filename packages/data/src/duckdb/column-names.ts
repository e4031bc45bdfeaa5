import { AppError } from '@basketwise/core';

const hint = 'Give every column a different name, ignoring case. In a CSV file, the first line has the names.';

/**
 * Checks that the column names of a file are distinct by the rules of SQL.
 * @param place name of the file in messages
 * @throws AppError bad-data if a name is missing, is not text, or occurs twice
 */
export function checkColumnNames(names: readonly (string | null)[], place: string): void {
  const seen = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    if (name === null || name.trim() === '') throw new AppError('bad-data', `${place}: column ${i + 1} has no name`, hint);
    if (name.includes('\0')) throw new AppError('bad-data', `${place}: the name of column ${i + 1} is no text`, hint);
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) throw new AppError('bad-data', `${place}: columns ${before} and ${i + 1} have the same name`, hint);
    seen.set(name.toLowerCase(), i + 1);
  }
}
