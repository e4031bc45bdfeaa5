import { type FileHandle, stat } from 'node:fs/promises';

const every = 10_000;

/**
 * Writes a file again and again, with the same text, so that its time of change tells others that its process lives.
 * @returns stops it
 */
export function startBeating(handle: FileHandle, text: string): () => void {
  // A beat that fails leaves a longer silence, which is what it is for.
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

/** Milliseconds between the last beats of two files: by the clock of where they lie, as those of two machines differ. */
export async function silence(path: string, fresh: string): Promise<number> {
  const [then, now] = await Promise.all([stat(path), stat(fresh)]);
  return now.mtimeMs - then.mtimeMs;
}
