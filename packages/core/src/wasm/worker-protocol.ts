import type { Address } from './address.ts';
import type { KernelName } from './kernels.ts';
import { argumentCount, instantiateKernels } from './kernels.ts';
import { argumentsAt, callKernel } from './pool.ts';
import { boardOf } from './run-board.ts';

/** The first message to a worker: the module and memory to instantiate. */
export interface WorkerStart {
  type: 'start';
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** A share of a run: the worker takes tickets (indices of calls) from the board until there are none left. */
export interface WorkerRun {
  type: 'run';
  kernel: KernelName;
  calls: number;
  /** The board of the run, shared by all its workers (run-board.ts). */
  board: SharedArrayBuffer;
  scratch: Address | undefined;
}

/** A worker's only message: its share is done, or a kernel trapped. */
export type WorkerReply = { type: 'ready' } | { type: 'done' } | { type: 'failed'; message: string };

/** The worker code of every host: answers each message through `post`. */
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
      const { kernel, calls, scratch } = message;
      const { ticket, results, given } = boardOf(message.board, calls);
      const width = argumentCount(kernel);
      for (let call = Atomics.add(ticket, 0, 1); call < calls; call = Atomics.add(ticket, 0, 1)) {
        results[call] = callKernel(kernels, kernel, argumentsAt(given, call, width), scratch);
      }
      post({ type: 'done' });
    } catch (error) {
      post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  };
}
