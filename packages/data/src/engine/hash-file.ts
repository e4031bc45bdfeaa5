import { createHash } from 'node:crypto';
import { openFile } from './open-file.ts';

/**
 * sha256 of a file's bytes, in hexadecimal. While one of two buffers is hashed, the other is filled. New buffers would burden the
 * garbage collector.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const handle = await openFile(path);
  try {
    let [hashed, read] = [Buffer.allocUnsafe(1 << 20), Buffer.allocUnsafe(1 << 20)];
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
