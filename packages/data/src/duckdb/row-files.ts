import { type FileHandle, open } from 'node:fs/promises';
import { writeFailure } from '../files/write-failure.ts';

const [quote, newline] = [0x22, 0x0a];

/** Number of bytes of a file. Files are small, so that little remains to be read when the last row arrives. */
const fileBytes = 2 ** 25;

/**
 * Writes the rows of a CSV stream to consecutive files with mode 0600. No row is divided between files. Yields each file when it
 * is complete, and writes the next one while the caller reads it.
 * @param rows bytes in arbitrary chunks
 * @param next returns the path of the next file
 * @throws AppError cannot-write
 */
export async function* rowFiles(
  rows: AsyncIterable<Uint8Array>,
  next: () => string,
  bytes: number = fileBytes,
): AsyncGenerator<string> {
  let file: { path: string; handle: FileHandle; length: number } | undefined;
  let isQuoted = false;
  const write = async (part: Uint8Array) => {
    const path = file?.path ?? next();
    try {
      file ??= { path, handle: await open(path, 'w', 0o600), length: 0 };
      await file.handle.writeFile(part);
    } catch (cause) {
      throw writeFailure(path, cause);
    }
    file.length += part.length;
  };
  try {
    for await (const part of rows) {
      const end = (file?.length ?? 0) + part.length < bytes ? -1 : endOfRow(part, isQuoted);
      isQuoted = isQuoted !== hasOddQuotes(part);
      if (end < 0) {
        await write(part);
        continue;
      }
      await write(part.subarray(0, end));
      const { path, handle } = file!;
      file = undefined;
      await handle.close();
      yield path;
      if (end < part.length) await write(part.subarray(end));
    }
    if (!file) return;
    const { path, handle } = file;
    file = undefined;
    await handle.close();
    yield path;
  } finally {
    await file?.handle.close();
  }
}

/** Position after the first newline outside quotes; -1 if there is none. */
function endOfRow(part: Uint8Array, isQuoted: boolean): number {
  let isInside = isQuoted;
  for (let i = 0; i < part.length; i++) {
    if (part[i] === quote) isInside = !isInside;
    else if (part[i] === newline && !isInside) return i + 1;
  }
  return -1;
}

function hasOddQuotes(part: Uint8Array): boolean {
  let isOdd = false;
  for (let at = part.indexOf(quote); at >= 0; at = part.indexOf(quote, at + 1)) isOdd = !isOdd;
  return isOdd;
}
