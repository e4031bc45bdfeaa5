import { constants, type FileHandle, open } from 'node:fs/promises';

/**
 * Opens a regular file for reading.
 * @throws the system's error; EINVAL for a pipe or a device, which would block; EISDIR for a folder
 */
export async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = await handle.stat();
  if (found.isFile()) return handle;
  await handle.close();
  const code = found.isDirectory() ? 'EISDIR' : 'EINVAL';
  throw Object.assign(new Error(`${code}: ${path} is no file`), { code, path });
}

/** Reads a whole regular file. @throws as `openFile` */
export async function readWhole(path: string): Promise<Buffer> {
  const handle = await openFile(path);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
