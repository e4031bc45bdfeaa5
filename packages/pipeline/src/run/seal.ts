import { createHash } from 'node:crypto';
import { jsonText, readJson, writeWhole } from '@basketwise/data/base';

/** Seal of a document: sha256 of its JSON text, in hexadecimal. */
export function sealOf(document: object): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('hex');
}

/** Text of a JSON document with a last key `seal`, the sha256 over all other keys. */
export function sealedText(document: object): string {
  return jsonText({ ...document, seal: sealOf(document) });
}

/** Writes a JSON document with its seal. @throws AppError cannot-write */
export function writeSealed(path: string, document: object): Promise<void> {
  return writeWhole(path, sealedText(document));
}

/** Reads a sealed document. Undefined if the file is absent or damaged. */
export async function readSealed<T extends object>(path: string): Promise<T | undefined> {
  return unsealed<T>(await readJson(path));
}

/** Parses the text of a sealed document. Undefined if a single byte of the text was changed. */
export function parseSealed<T extends object>(text: string): T | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return jsonText(document) === text ? unsealed<T>(document) : undefined;
  } catch {
    return undefined;
  }
}

function unsealed<T extends object>(sealed: unknown): T | undefined {
  if (typeof sealed !== 'object' || sealed === null) return undefined;
  const { seal, ...document } = sealed as { seal?: unknown };
  return sealOf(document) === seal ? (document as T) : undefined;
}
