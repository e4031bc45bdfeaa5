import { type Core, createCore } from './front-door/core.ts';
import { createInlinePool, type KernelPool } from './wasm/pool.ts';
import { createWorkerPool, type HostWorker, type WorkerReply } from './wasm/worker-pool.ts';

function spawn(): HostWorker {
  const worker = new Worker(new URL('./browser-worker.js', import.meta.url), { type: 'module' });
  let listener: (reply: WorkerReply) => void = () => {};
  const fail = (message: string) => listener({ type: 'failed', message });
  worker.onmessage = (event: MessageEvent<WorkerReply>) => listener(event.data);
  worker.onmessageerror = () => fail('its reply cannot be read');
  worker.onerror = (event) => fail(event.message);
  return {
    post: (message) => worker.postMessage(message),
    onReply: (next) => {
      listener = next;
    },
    terminate: async () => {
      worker.terminate();
      fail('its pool was closed');
    },
  };
}

/** Pool for a page. It has workers over shared memory if the page is cross-origin isolated, otherwise only the calling thread. */
export async function createBrowserPool(workers = navigator.hardwareConcurrency, initialBytes = 2 ** 24): Promise<KernelPool> {
  return globalThis.crossOriginIsolated ? createWorkerPool(workers, spawn, initialBytes) : createInlinePool(initialBytes);
}

/** Opens the library in a page. It uses workers if the page is cross-origin isolated, otherwise only the calling thread. */
export async function openCore({ workers }: { workers?: number } = {}): Promise<Core> {
  return createCore(await createBrowserPool(workers));
}

export * from './parts.ts';
