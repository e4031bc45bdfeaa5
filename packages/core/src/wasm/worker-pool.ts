import { AppError } from '../error.ts';
import { argumentsInOrder, compileKernels, createMemory, instantiateKernels } from './kernels.ts';
import { KernelMemory } from './memory.ts';
import { allocateScratch, callsHere, type KernelPool } from './pool.ts';
import type { WorkerReply, WorkerRun, WorkerStart } from './worker-protocol.ts';

/** One thread of a host (Node, browser), which runs `createWorkerHandler`. */
export interface HostWorker {
  post(message: WorkerStart | WorkerRun): void;
  /** Called for every reply, and with `failed` when the thread ends or breaks, or is terminated. */
  onReply(listener: (reply: WorkerReply) => void): void;
  terminate(): Promise<void>;
}

/** Sends `message` and waits for the reply; a dead worker is a rejection, never a hang. */
function ask(worker: HostWorker, message: WorkerStart | WorkerRun): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onReply((reply) => {
      if (reply.type === 'failed')
        reject(new AppError('bug', `kernel worker failed: ${reply.message}`, 'Run again; if it stays, report it with the log.'));
      else resolve();
    });
    worker.post(message);
  });
}

/**
 * A pool of `size` workers over one shared memory. Once a worker has failed, every later run is refused.
 * @throws AppError bug where a worker does not start.
 */
export async function createWorkerPool(size: number, spawn: () => HostWorker, initialBytes: number): Promise<KernelPool> {
  const wasmMemory = createMemory('shared', initialBytes);
  const memory = new KernelMemory(wasmMemory);
  const module = compileKernels('shared');
  const workers = Array.from({ length: size }, spawn);
  let running = Promise.resolve();

  async function runNow(kernel: WorkerRun['kernel'], calls: WorkerRun['calls'], scratchBytes: number): Promise<Float64Array> {
    const results = new SharedArrayBuffer(calls.length * 8);
    const ticket = new SharedArrayBuffer(4);
    const mark = memory.mark();
    const busy = workers.slice(0, calls.length);
    const scratch = allocateScratch(memory, busy.length, scratchBytes);
    try {
      await Promise.all(
        busy.map((worker, i) => ask(worker, { type: 'run', kernel, calls, ticket, results, scratch: scratch[i] })),
      );
    } finally {
      memory.release(mark);
    }
    return new Float64Array(results).slice();
  }

  const pool: KernelPool = {
    size,
    memory,
    run(kernel, calls, ...[scratchBytes = 0]) {
      const given = argumentsInOrder(kernel, calls);
      const result = running.then(() => runNow(kernel, given, scratchBytes));
      running = result.then(
        () => undefined,
        (error) => Promise.reject(error),
      );
      running.catch(() => undefined);
      result.catch(() => undefined); // A caller that has failed by itself meanwhile does not look at it any more.
      return result;
    },
    call: callsHere(instantiateKernels(module, wasmMemory), memory),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };

  try {
    await Promise.all(workers.map((worker) => ask(worker, { type: 'start', module, memory: wasmMemory })));
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}
