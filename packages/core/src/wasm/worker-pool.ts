import { AppError } from '../error.ts';
import {
  argumentCount,
  argumentsInOrder,
  compileKernels,
  createMemory,
  instantiateKernels,
  type KernelCall,
  type KernelName,
  type ScratchBytes,
} from './kernels.ts';
import { type Address, KernelMemory } from './memory.ts';
import { allocateScratch, argumentsAt, callKernel, callsHere, type KernelPool } from './pool.ts';

/** Worker thread of a host (Node, browser). It runs the handler of `createWorkerHandler`. */
export interface HostWorker {
  post(message: WorkerStart | WorkerRun): void;
  /** Sets the listener for all replies. The listener also gets `failed` when the thread ends, breaks or is terminated. */
  onReply(listener: (reply: WorkerReply) => void): void;
  terminate(): Promise<void>;
}

function failed(message: string): AppError {
  return new AppError('bug', message, 'Run again. If the failure stays, report it with the log.');
}

/** Sends `message` and waits for the reply. The promise rejects if the worker dies. */
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
 * Creates a pool of `size` workers over one shared memory. After a worker has failed, every later run rejects.
 * @throws AppError usage if `size` is not a whole number from 1, bug if a worker does not start
 */
export async function createWorkerPool(size: number, spawn: () => HostWorker, initialBytes: number): Promise<KernelPool> {
  if (!(Number.isInteger(size) && size >= 1)) {
    const given = typeof size === 'number' ? String(size) : `of type ${typeof size}`;
    throw new AppError('usage', `kernel pool: the number of workers is ${given}`, 'Give a whole number from 1.');
  }
  const pool = new WorkerPool(size, spawn, createMemory('shared', initialBytes));
  try {
    await pool.start();
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}

class WorkerPool implements KernelPool {
  readonly memory: KernelMemory;
  readonly call: KernelPool['call'];
  readonly #workers: readonly HostWorker[];
  readonly #wasmMemory: WebAssembly.Memory;
  readonly #module = compileKernels('shared');
  /** End of the last run. Rejects after a failure. */
  #running = Promise.resolve();
  #board: SharedArrayBuffer | undefined;

  constructor(size: number, spawn: () => HostWorker, wasmMemory: WebAssembly.Memory) {
    this.#wasmMemory = wasmMemory;
    this.memory = new KernelMemory(wasmMemory);
    this.call = callsHere(instantiateKernels(this.#module, wasmMemory), this.memory);
    // The workers start last, so that an earlier failure leaves no thread behind.
    this.#workers = Array.from({ length: size }, spawn);
  }

  get size(): number {
    return this.#workers.length;
  }

  async start(): Promise<void> {
    const message = { type: 'start', module: this.#module, memory: this.#wasmMemory } as const;
    await Promise.all(this.#workers.map((worker) => postTask(worker, message)));
  }

  run<Kernel extends KernelName>(
    kernel: Kernel,
    calls: readonly KernelCall<Kernel>[],
    ...scratchBytes: ScratchBytes<Kernel>
  ): Promise<Float64Array> {
    const [onlyCall] = calls;
    const result = this.#running.then(() =>
      onlyCall !== undefined && calls.length === 1
        ? this.#runHere(kernel, onlyCall, scratchBytes)
        : this.#runOnWorkers(kernel, calls.length, argumentsInOrder(kernel, calls), scratchBytes[0] ?? 0),
    );
    this.#running = result.then(() => undefined);
    this.#running.catch(() => undefined);
    result.catch(() => undefined); // A caller that has already failed does not handle this rejection.
    return result;
  }

  async close(): Promise<void> {
    this.#running = Promise.reject(failed('kernel pool: it was closed'));
    this.#running.catch(() => undefined);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #runOnWorkers(kernel: KernelName, calls: number, given: Float64Array, scratchBytes: number): Promise<Float64Array> {
    const mark = this.memory.mark();
    const busy = this.#workers.slice(0, calls);
    const scratch = allocateScratch(this.memory, busy.length, scratchBytes);
    try {
      this.#board = boardBuffer(calls, given.length, this.#board);
      const board = boardOf(this.#board, calls);
      board.ticket[0] = 0;
      board.results.fill(0);
      board.given.set(given);
      const run = { type: 'run', kernel, calls, board: this.#board } as const;
      await Promise.all(busy.map((worker, i) => postTask(worker, { ...run, scratch: scratch[i] })));
      return Float64Array.from(board.results);
    } finally {
      this.memory.release(mark);
    }
  }

  /** Runs a single call on the calling thread, which is faster than waking a worker. */
  async #runHere<Kernel extends KernelName>(
    kernel: Kernel,
    onlyCall: KernelCall<Kernel>,
    scratchBytes: ScratchBytes<Kernel>,
  ): Promise<Float64Array> {
    try {
      return Float64Array.of(this.call(kernel, onlyCall, ...scratchBytes));
    } catch (error) {
      throw failed(`kernel ${kernel} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Shared buffer with the arguments and results of a run. Messages to workers contain a reference to the buffer, not a copy. */
interface RunBoard {
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
function boardOf(buffer: SharedArrayBuffer, calls: number): RunBoard {
  return {
    ticket: new Int32Array(buffer, 0, 1),
    results: new Float64Array(buffer, headBytes, calls),
    given: new Float64Array(buffer, headBytes + calls * 8),
  };
}

/** Buffer for a run of `calls` calls with `numbers` arguments in total. Returns `last` if it is large enough. */
function boardBuffer(calls: number, numbers: number, last?: SharedArrayBuffer): SharedArrayBuffer {
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
