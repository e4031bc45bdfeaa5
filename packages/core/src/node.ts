import { Worker } from 'node:worker_threads';
import { usableCores } from './cores.ts';
import { type Core, createCore } from './front-door/core.ts';
import type { KernelPool } from './wasm/pool.ts';
import { createWorkerPool, type HostWorker } from './wasm/worker-pool.ts';
import type { WorkerReply } from './wasm/worker-protocol.ts';

/** Built file that worker threads run. A module that runs from its source uses it too, as workers cannot load TypeScript. */
const workerPath = import.meta.url.endsWith('.ts') ? '../dist/node-worker.js' : './node-worker.js';

function spawn(): HostWorker {
  const worker = new Worker(new URL(workerPath, import.meta.url), { execArgv: [] });
  let listener: (reply: WorkerReply) => void = () => {};
  let failure: WorkerReply | undefined;
  const fail = (message: string) => {
    failure ??= { type: 'failed', message };
    listener(failure);
  };
  // Only a busy worker keeps the process alive.
  worker.unref();
  worker.on('message', (reply: WorkerReply) => {
    worker.unref();
    listener(reply);
  });
  worker.on('messageerror', (error) => fail(error.message));
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => fail(`worker thread ended with code ${code}`));
  return {
    post: (message) => {
      if (failure) return listener(failure);
      worker.ref();
      worker.postMessage(message);
    },
    onReply: (next) => {
      listener = next;
    },
    terminate: async () => {
      fail('its pool was closed');
      await worker.terminate();
    },
  };
}

export { coreQuota, usableCores } from './cores.ts';

/**
 * Pool of worker threads over one shared WebAssembly memory. `auto`: one worker for each core that the process can use.
 * @throws AppError usage if `workers` is neither `auto` nor a whole number from 1
 */
export function createNodePool(workers: number | 'auto' = 'auto', initialBytes = 2 ** 24): Promise<KernelPool> {
  return createWorkerPool(workers === 'auto' ? usableCores() : workers, spawn, initialBytes);
}

/** Opens the library over a pool of worker threads. `auto`: one worker for each core that the process can use. */
export async function openCore({ workers = 'auto' }: { workers?: number | 'auto' } = {}): Promise<Core> {
  return createCore(await createNodePool(workers));
}
