import { argumentCount, instantiateKernels, type KernelName } from './kernels.ts';
import type { Address } from './memory.ts';
import { argumentsAt, callKernel } from './pool.ts';

/** Shared buffer with the arguments and results of a run. Messages to workers contain a reference to the buffer, not a copy. */
export interface RunBoard {
  /** Index of the next call that no worker has taken, i32[1]. */
  ticket: Int32Array;
  /** Result of each call, f64[calls]. */
  results: Float64Array;
  /** Arguments of all calls, f64[calls x arguments], row-major. The array may be longer. */
  given: Float64Array;
}

/** Bytes before the results: a cache line for the ticket alone. */
const headBytes = 64;

/** Board of a run of `calls` calls, as views of a buffer. */
export function boardOf(buffer: SharedArrayBuffer, calls: number): RunBoard {
  return {
    ticket: new Int32Array(buffer, 0, 1),
    results: new Float64Array(buffer, headBytes, calls),
    given: new Float64Array(buffer, headBytes + calls * 8),
  };
}

/** Buffer for a run of `calls` calls with `numbers` arguments in total. Returns `last` if it is large enough. */
export function boardBuffer(calls: number, numbers: number, last?: SharedArrayBuffer): SharedArrayBuffer {
  const bytes = headBytes + (calls + numbers) * 8;
  return last !== undefined && last.byteLength >= bytes ? last : new SharedArrayBuffer(bytes);
}

/** First message to a worker: the module and memory to instantiate. */
export interface WorkerStart {
  type: 'start';
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** Message that starts a worker's share of a run. The worker takes calls from the board until no calls are left. */
export interface WorkerRun {
  type: 'run';
  kernel: KernelName;
  calls: number;
  /** Board of the run, shared by all its workers (see RunBoard). */
  board: SharedArrayBuffer;
  scratch: Address | undefined;
}

/** Reply of a worker: it is ready, its share of a run is done, or it failed (for example, a kernel trapped). */
export type WorkerReply = { type: 'ready' } | { type: 'done' } | { type: 'failed'; message: string };

/** Worker code of every host. It answers each message through `post`. */
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
