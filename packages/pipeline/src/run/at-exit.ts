const pending = new Set<() => void>();

function runAll(): void {
  // In reverse order, so that the lock is removed after the files that it protects.
  for (const work of [...pending].reverse()) {
    try {
      work();
    } catch {
      // The process is ending, and the next one removes what remains.
    }
  }
}

/**
 * Registers synchronous work for the end of the process by `process.exit`, as at a second signal.
 * @returns a function that unregisters it
 */
export function atExit(work: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll);
  pending.add(work);
  return () => {
    pending.delete(work);
    if (pending.size === 0) process.off('exit', runAll);
  };
}
