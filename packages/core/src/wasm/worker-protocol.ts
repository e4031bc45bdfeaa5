import type { Address } from './address.ts';
import { argumentCount, instantiateKernels, type KernelName } from './kernels.ts';
import { argumentsAt, callKernel } from './pool.ts';

/** Numbers that the workers of a run share: a message to each names their position, and no data is copied into it. */
export interface RunBoard {
  /** One i32: the next ticket. */
  ticket: Int32Array;
  /** f64[calls]: result of each call. */
  results: Float64Array;
  /** f64[calls x arguments], row-major; the buffer may be longer. */
  given: Float64Array;
}

/** Bytes before the results: the ticket has its own cache line. */
const headBytes = 64;

/** The board of a run of so many calls in a buffer. */
export function boardOf(buffer: SharedArrayBuffer, calls: number): RunBoard {
  return {
    ticket: new Int32Array(buffer, 0, 1),
    results: new Float64Array(buffer, headBytes, calls),
    given: new Float64Array(buffer, headBytes + calls * 8),
  };
}

/** A buffer for a run of so many calls with so many arguments in total: the last one if it is large enough. */
export function boardBuffer(calls: number, numbers: number, last?: SharedArrayBuffer): SharedArrayBuffer {
  const bytes = headBytes + (calls + numbers) * 8;
  return last !== undefined && last.byteLength >= bytes ? last : new SharedArrayBuffer(bytes);
}

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
