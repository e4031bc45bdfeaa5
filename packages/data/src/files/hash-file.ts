import { createHash } from 'node:crypto';
import { openFile } from './open-file.ts';

/** Most bytes that are read at once. */
const mostBytes = 1 << 20;

/**
 * sha256 of a file's bytes in hexadecimal. One buffer is hashed while the other is read into: a new one per chunk would burden
 * the garbage collector, and so would large ones for small files.
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
