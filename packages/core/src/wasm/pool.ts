import {
  argumentCount,
  argumentsInOrder,
  compileKernels,
  createMemory,
  instantiateKernels,
  type KernelCall,
  type KernelName,
  type Kernels,
  type ScratchBytes,
} from './kernels.ts';
import { type Address, KernelMemory } from './memory.ts';

/** Rows `from` to `to - 1` of a table. */
export interface RowRange {
  from: number;
  to: number;
}

/**
 * Divides a range into blocks of `rows` rows. The last block may be shorter. The blocks do not depend on the number of workers.
 */
export function blocksOf({ from, to }: RowRange, rows: number): RowRange[] {
  return Array.from({ length: Math.ceil((to - from) / rows) }, (_, i) => {
    const first = from + i * rows;
    return { from: first, to: Math.min(first + rows, to) };
  });
}

/**
 * Runs kernels over one kernel memory. The calls of one `run` can run on any worker, in any order and at the same time.
 * They must therefore write to disjoint addresses.
 */
export interface KernelPool {
  /** Number of workers that share the calls of a run, at least 1. */
  readonly size: number;
  readonly memory: KernelMemory;
  /**
   * Calls `kernel` once per element of `calls`. Resolves when all calls have returned, with their results in the order of `calls`.
   * For kernels with scratch space, `scratchBytes` is its size per call. Concurrent calls get separate space with arbitrary content.
   * @throws AppError bug if a kernel traps or a worker dies; the promise never hangs
   */
  run<Kernel extends KernelName>(
    kernel: Kernel,
    calls: readonly KernelCall<Kernel>[],
    ...scratchBytes: ScratchBytes<Kernel>
  ): Promise<Float64Array>;
  /**
   * Calls `kernel` once, synchronously on the calling thread, and returns its result. Meant for short consecutive calls.
   * @throws WebAssembly.RuntimeError if it traps
   */
  call<Kernel extends KernelName>(kernel: Kernel, call: KernelCall<Kernel>, ...scratchBytes: ScratchBytes<Kernel>): number;
  /** Ends the workers. The memory is freed with its last reference. */
  close(): Promise<void>;
}

/** Allocates scratch space for every worker of a pool. The caller releases it with the memory's mark. */
export function allocateScratch(memory: KernelMemory, workers: number, scratchBytes: number): Address[] {
  return Array.from({ length: scratchBytes > 0 ? workers : 0 }, () => memory.allocate(scratchBytes));
}

/**
 * Arguments of one kernel call.
 * @param numbers arguments of all calls (see `argumentsInOrder`)
 * @param index number of the call, from 0
 * @param width number of arguments of a call
 */
export function argumentsAt(numbers: Float64Array, index: number, width: number): number[] {
  const values: number[] = [];
  for (let i = index * width; i < (index + 1) * width; i++) values.push(numbers[i]!);
  return values;
}

/** Runs one call. `scratch` is appended if the run has scratch space. */
export function callKernel(kernels: Kernels, kernel: KernelName, given: readonly number[], scratch: Address | undefined): number {
  return (scratch === undefined ? kernels[kernel](...given) : kernels[kernel](...given, scratch)) ?? 0;
}

/** Creates the function `call` of a pool. It runs kernels on the calling thread, with scratch space from `memory`. */
export function callsHere(kernels: Kernels, memory: KernelMemory): KernelPool['call'] {
  return (kernel, call, ...[scratchBytes = 0]) => {
    const mark = memory.mark();
    const [scratch] = allocateScratch(memory, 1, scratchBytes);
    const given = argumentsInOrder(kernel, [call]);
    const result = callKernel(kernels, kernel, argumentsAt(given, 0, given.length), scratch);
    memory.release(mark);
    return result;
  };
}

/**
 * Pool without threads, for browsers and tests. Calls run one after the other on the calling thread, over unshared memory.
 */
export function createInlinePool(initialBytes = 2 ** 20): KernelPool {
  const wasmMemory = createMemory('single', initialBytes);
  const kernels = instantiateKernels(compileKernels('single'), wasmMemory);
  const memory = new KernelMemory(wasmMemory);
  return {
    size: 1,
    memory,
    async run(kernel, calls, ...[scratchBytes = 0]) {
      const mark = memory.mark();
      const [scratch] = allocateScratch(memory, 1, scratchBytes);
      try {
        const given = argumentsInOrder(kernel, calls);
        const width = argumentCount(kernel);
        return Float64Array.from(calls, (_, i) => callKernel(kernels, kernel, argumentsAt(given, i, width), scratch));
      } finally {
        memory.release(mark);
      }
    },
    call: callsHere(kernels, memory),
    async close() {},
  };
}
