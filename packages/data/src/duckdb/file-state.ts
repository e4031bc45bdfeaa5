import { lstat, open, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * A text that tells the content that a path leads to from another, without reading it: the file that is there, its size and times, and the links on
 * the way. A file that is written to, replaced, or reached another way has another state.
 */
export async function fileState(path: string): Promise<string> {
  const links: string[] = [];
  for (let part = resolve(path); part !== dirname(part); part = dirname(part)) {
    const found = await lstat(part, { bigint: true });
    if (found.isSymbolicLink()) links.push(`${found.ino} ${found.ctimeNs}`);
  }
  // opened, because a server of files tells an opened file's times as they are
  const handle = await open(path, 'r');
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
    return [await realpath(path), dev, ino, size, mtimeNs, ctimeNs, ...links].join(' ');
  } finally {
    await handle.close();
  }
}
