import { AppError } from './error.ts';

/** The value of a key that must exist. @throws AppError bug if it does not; the message omits the key, which may be a value of the data */
export function required<Key, Value>(map: { get(key: Key): Value | undefined }, key: Key): Value {
  const value = map.get(key);
  if (value !== undefined) return value;
  throw new AppError('bug', 'a map lacks a key that it must have', 'Report this, with the log.');
}
