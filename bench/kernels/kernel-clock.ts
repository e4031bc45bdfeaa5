import { createInlinePool, type KernelName, type KernelPool } from '@basketwise/core/parts';

/** A pool on the calling thread that adds up how long each kernel ran. */
export interface KernelClock {
  pool: KernelPool;
  /** Milliseconds that these kernels (all without a name) have run since the last call of it with anything; starts anew. */
  take(...kernels: readonly KernelName[]): number;
}

/** Makes one. What the host does between kernels does not count. */
export function createKernelClock(): KernelClock {
  const inline = createInlinePool();
  const ran = new Map<KernelName, number>();
  const pool: KernelPool = {
    ...inline,
    async run(kernel, calls, ...scratchBytes) {
      const begin = performance.now();
      const results = await inline.run(kernel, calls, ...scratchBytes);
      ran.set(kernel, (ran.get(kernel) ?? 0) + performance.now() - begin);
      return results;
    },
  };
  return {
    pool,
    take(...kernels) {
      const counted = kernels.length > 0 ? kernels : [...ran.keys()];
      const sum = counted.reduce((total, kernel) => total + (ran.get(kernel) ?? 0), 0);
      ran.clear();
      return sum;
    },
  };
}
