import { AppError } from './error.ts';

/** The value of a key that is there. @throws AppError bug where it is not: without the key, which may be a value of the data */
export function required<Key, Value>(map: { get(key: Key): Value | undefined }, key: Key): Value {
  const value = map.get(key);
  if (value !== undefined) return value;
  throw new AppError('bug', 'a map lacks a key that it must have', 'Report this, with the log.');
}
