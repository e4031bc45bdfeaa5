import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ifThere } from './if-there.ts';
import { readWhole } from './open-file.ts';
import type { Shape } from './shape.ts';

/** Reads a JSON document. Undefined if it is absent or damaged. @throws AppError as `ifThere` */
export async function readJson<T>(path: string): Promise<T | undefined> {
  const bytes = await ifThere(path, readWhole(path));
  try {
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
  } catch {
    return undefined;
  }
}

/**
 * Reads a JSON document that must have a shape. Undefined if the file is absent. If it is damaged, or has another shape, calls
 * `warn` and returns undefined. The document is returned as written, including keys outside the shape.
 */
export async function readShaped<T>(
  path: string,
  shape: Shape<T>,
  warn: (problem: string) => void = () => {},
): Promise<T | undefined> {
  const found = await readJson<T>(path);
  if (found !== undefined && shape.safeParse(found).success) return found;
  if ((await ifThere(path, stat(path))) !== undefined) warn(`${basename(path)} is damaged, or of another version`);
  return undefined;
}
