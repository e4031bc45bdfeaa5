import { createHash } from 'node:crypto';
import { readJson, writeJson } from './files.ts';

/** sha256 over a document, as hex: its seal. */
export function sealOf(document: object): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex');
}

/** Writes a JSON document with a sha256 over the rest of it as its last key, `seal`. @throws AppError cannot-write */
export function writeSealed(path: string, document: object): Promise<void> {
  return writeJson(path, { ...document, seal: sealOf(document) });
}

/** Reads a sealed document; undefined if it is absent or damaged. */
export async function readSealed<T extends object>(path: string): Promise<T | undefined> {
  const found = await readJson<T & { seal?: unknown }>(path);
  if (typeof found !== 'object' || found === null) return undefined;
  const { seal, ...document } = found;
  return sealOf(document) === seal ? (document as unknown as T) : undefined;
}
