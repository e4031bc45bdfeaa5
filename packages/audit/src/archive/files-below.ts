import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Sorted paths, relative to a folder, of the wanted entries in the folder and all its subfolders. */
export async function filesBelow(folder: string, isWanted: (entry: Dirent) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(isWanted)
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    .sort();
}
