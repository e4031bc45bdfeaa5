import { type FileHandle, stat } from 'node:fs/promises';

const every = 10_000;

/**
 * Rewrites a file every ten seconds with the same text. The file's modification time shows that the process is alive.
 * @returns a function that stops the rewriting
 */
export function startBeating(handle: FileHandle, text: string): () => void {
  // A failed write is ignored. If writes fail for long, other processes take this process for dead.
  const beat = () =>
    handle
      .write(text, 0)
      .then(
        () => handle.sync(),
        () => undefined,
      )
      .catch(() => undefined);
  const timer = setInterval(beat, every);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Milliseconds between the modification times of two files. Both times come from the file system's clock, because the clocks of
 * two machines can differ.
 */
export async function silence(path: string, fresh: string): Promise<number> {
  const [then, now] = await Promise.all([stat(path), stat(fresh)]);
  return now.mtimeMs - then.mtimeMs;
}
