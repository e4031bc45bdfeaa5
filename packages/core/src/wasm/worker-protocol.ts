import type { Address } from './address.ts';
import type { KernelArguments, KernelName } from './kernels.ts';
import { instantiateKernels } from './kernels.ts';
import { callKernel } from './pool.ts';

/** The first message to a worker: what it instantiates. */
export interface WorkerStart {
  type: 'start';
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** A share of a run: the worker takes tickets (indices into `calls`) from the shared counter until there are none left. */
export interface WorkerRun {
  type: 'run';
  kernel: KernelName;
  calls: readonly KernelArguments[];
  /** One shared i32: the next ticket. */
  ticket: SharedArrayBuffer;
  /** One shared f64 per call: what it returned. */
  results: SharedArrayBuffer;
  scratch: Address | undefined;
}

/** A worker's only message: its share is done, or a kernel trapped. */
export type WorkerReply = { type: 'ready' } | { type: 'done' } | { type: 'failed'; message: string };

/** The same worker on every host: answers each message that `post` is given a reply to. */
export function createWorkerHandler(post: (reply: WorkerReply) => void): (message: WorkerStart | WorkerRun) => void {
  let kernels: ReturnType<typeof instantiateKernels> | undefined;
  return (message) => {
    try {
      if (message.type === 'start') {
        kernels = instantiateKernels(message.module, message.memory);
        post({ type: 'ready' });
        return;
      }
      if (!kernels) throw new Error('run before start');
      const ticket = new Int32Array(message.ticket);
      const results = new Float64Array(message.results);
      for (;;) {
        const index = Atomics.add(ticket, 0, 1);
        const call = message.calls[index];
        if (!call) break;
        results[index] = callKernel(kernels, message.kernel, call, message.scratch);
      }
      post({ type: 'done' });
    } catch (error) {
      post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  };
}
