import { lstat, open, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Fingerprint of the file at a path, without reading its content. It consists of the file's identity, size and times, and of the
 * links on the path.
 * It changes if the file is written to, replaced, or reached through other links.
 */
export async function fileState(path: string): Promise<string> {
  const links: string[] = [];
  for (let part = resolve(path); part !== dirname(part); part = dirname(part)) {
    const found = await lstat(part, { bigint: true });
    if (found.isSymbolicLink()) links.push(`${found.ino} ${found.ctimeNs}`);
  }
  // The file is opened, because a file server reports current times only for an opened file.
  const handle = await open(path, 'r');
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
    return [await realpath(path), dev, ino, size, mtimeNs, ctimeNs, ...links].join(' ');
  } finally {
    await handle.close();
  }
}
