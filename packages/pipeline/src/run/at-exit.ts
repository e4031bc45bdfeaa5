const pending = new Set<() => void>();

function runAll(): void {
  // the last first: what a lock guards is gone before the lock
  for (const work of [...pending].reverse()) {
    try {
      work();
    } catch {
      // the process is ending, and the next one removes what is left
    }
  }
}

/**
 * Does synchronous work where the process ends by `process.exit`, as at a second signal, before the work is called off.
 * @returns calls it off
 */
export function atExit(work: () => void): () => void {
  if (pending.size === 0) process.on('exit', runAll);
  pending.add(work);
  return () => {
    pending.delete(work);
    if (pending.size === 0) process.off('exit', runAll);
  };
}
