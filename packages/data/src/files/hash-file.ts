import { createHash } from 'node:crypto';
import { openFile } from './open-file.ts';

/** Largest number of bytes that are read at a time. */
const mostBytes = 1 << 20;

/**
 * sha256 of a file's bytes, in hexadecimal. While one of two buffers is hashed, the other is filled. A new buffer per chunk, or
 * large ones for small files, would burden the garbage collector.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await openFile(path);
  try {
    const bytes = Math.min((await handle.stat()).size + 1, mostBytes);
    let [hashed, read] = [Buffer.allocUnsafe(bytes), Buffer.allocUnsafe(bytes)];
    let reading = handle.read(read);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return hash.digest('hex');
      [hashed, read] = [read, hashed];
      reading = handle.read(read);
      hash.update(hashed.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
