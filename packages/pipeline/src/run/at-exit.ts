const pending = new Set<() => void>();

function runAll(): void {
  // Runs the latest registered work first, so that the lock is removed after the files that it protects.
  for (const work of [...pending].reverse()) {
    try {
      work();
    } catch {
      // Ignored, because the process is ending. The next process removes what remains.
    }
  }
}

/**
 * Registers synchronous work to do when `process.exit` ends the process, as after a second signal.
 * @returns a function that unregisters the work
 */
export function atExit(work: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll);
  pending.add(work);
  return () => {
    pending.delete(work);
    if (pending.size === 0) process.off('exit', runAll);
  };
}
