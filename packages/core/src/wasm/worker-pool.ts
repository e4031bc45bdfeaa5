import { AppError } from '../error.ts';
import {
  argumentsInOrder,
  compileKernels,
  createMemory,
  instantiateKernels,
  type KernelCall,
  type KernelName,
  type ScratchBytes,
} from './kernels.ts';
import { KernelMemory } from './memory.ts';
import { allocateScratch, callsHere, type KernelPool } from './pool.ts';
import { boardBuffer, boardOf, type WorkerReply, type WorkerRun, type WorkerStart } from './worker-protocol.ts';

/** One thread of a host (Node, browser), which runs `createWorkerHandler`. */
export interface HostWorker {
  post(message: WorkerStart | WorkerRun): void;
  /** Called for every reply, and with `failed` when the thread ends, breaks or is terminated. */
  onReply(listener: (reply: WorkerReply) => void): void;
  terminate(): Promise<void>;
}

function failed(message: string): AppError {
  return new AppError('bug', message, 'Run again; if it stays, report it with the log.');
}

/** Sends `message` and waits for the reply; the promise rejects if the worker dies. */
function postTask(worker: HostWorker, message: WorkerStart | WorkerRun): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onReply((reply) => {
      if (reply.type === 'failed') reject(failed(`kernel worker failed: ${reply.message}`));
      else resolve();
    });
    worker.post(message);
  });
}

/**
 * A pool of `size` workers over one shared memory. After a worker has failed, every later run is refused.
 * @throws AppError bug if a worker does not start.
 */
export async function createWorkerPool(size: number, spawn: () => HostWorker, initialBytes: number): Promise<KernelPool> {
  const wasmMemory = createMemory('shared', initialBytes);
  const memory = new KernelMemory(wasmMemory);
  const module = compileKernels('shared');
  const workers = Array.from({ length: size }, spawn);
  const kernels = instantiateKernels(module, wasmMemory);
  let running = Promise.resolve();
  let buffer: SharedArrayBuffer | undefined;

  async function runNow(kernel: KernelName, calls: number, given: Float64Array, scratchBytes: number): Promise<Float64Array> {
    const mark = memory.mark();
    const busy = workers.slice(0, calls);
    const scratch = allocateScratch(memory, busy.length, scratchBytes);
    try {
      buffer = boardBuffer(calls, given.length, buffer);
      const board = boardOf(buffer, calls);
      board.ticket[0] = 0;
      board.results.fill(0);
      board.given.set(given);
      const run = { type: 'run', kernel, calls, board: buffer } as const;
      await Promise.all(busy.map((worker, i) => postTask(worker, { ...run, scratch: scratch[i] })));
      return Float64Array.from(board.results);
    } finally {
      memory.release(mark);
    }
  }

  const call = callsHere(kernels, memory);

  /** A single call runs here, sooner than a worker wakes. */
  async function callNow<Kernel extends KernelName>(
    kernel: Kernel,
    one: KernelCall<Kernel>,
    scratchBytes: ScratchBytes<Kernel>,
  ): Promise<Float64Array> {
    try {
      return Float64Array.of(call(kernel, one, ...scratchBytes));
    } catch (error) {
      throw failed(`kernel ${kernel} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const pool: KernelPool = {
    size,
    memory,
    run(kernel, calls, ...scratchBytes) {
      const [one] = calls;
      const result = running.then(() =>
        one !== undefined && calls.length === 1
          ? callNow(kernel, one, scratchBytes)
          : runNow(kernel, calls.length, argumentsInOrder(kernel, calls), scratchBytes[0] ?? 0),
      );
      running = result.then(
        () => undefined,
        (error) => Promise.reject(error),
      );
      running.catch(() => undefined);
      result.catch(() => undefined); // A caller that has failed meanwhile no longer handles it.
      return result;
    },
    call,
    async close() {
      running = Promise.reject(failed('kernel pool: it was closed'));
      running.catch(() => undefined);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };

  try {
    await Promise.all(workers.map((worker) => postTask(worker, { type: 'start', module, memory: wasmMemory })));
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}
