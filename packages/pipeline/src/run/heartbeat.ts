import { type FileHandle, stat } from 'node:fs/promises';

const every = 10_000;

/**
 * Rewrites a file periodically with the same text. Its modification time shows that its process is alive.
 * @returns a function that stops it
 */
export function startBeating(handle: FileHandle, text: string): () => void {
  // A failed beat lengthens the silence, which is the purpose of a heartbeat.
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

/** Milliseconds between the last beats of two files, by the file system's clock. The clocks of two machines differ. */
export async function silence(path: string, fresh: string): Promise<number> {
  const [then, now] = await Promise.all([stat(path), stat(fresh)]);
  return now.mtimeMs - then.mtimeMs;
}
