import type { Address } from './address.ts';
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
import { KernelMemory } from './memory.ts';

/** Rows of a table, from the first up to, but not including, the last. */
export interface RowRange {
  from: number;
  to: number;
}

/**
 * Divides a range into blocks of `rows` rows; the last one may be shorter. The shares of work are the same for any number of
 * workers.
 */
export function blocksOf({ from, to }: RowRange, rows: number): RowRange[] {
  return Array.from({ length: Math.ceil((to - from) / rows) }, (_, i) => {
    const first = from + i * rows;
    return { from: first, to: Math.min(first + rows, to) };
  });
}

/**
 * Runs kernels over one kernel memory. The calls of one `run` can happen on any worker, in any order and at the same time.
 * They must write to disjoint addresses, so that results never depend on the number of workers.
 */
export interface KernelPool {
  /** Number of workers that share the calls of a run, at least 1. */
  readonly size: number;
  readonly memory: KernelMemory;
  /**
   * Calls `kernel` once per element of `calls`. Resolves when all have returned, with their results in call order.
   * A kernel with scratch space gets the bytes that each call needs. No other running call uses them; their content is arbitrary.
   * @throws AppError bug if a kernel traps or a worker dies; the promise never hangs
   */
  run<Kernel extends KernelName>(
    kernel: Kernel,
    calls: readonly KernelCall<Kernel>[],
    ...scratchBytes: ScratchBytes<Kernel>
  ): Promise<Float64Array>;
  /**
   * Calls `kernel` once on the calling thread, at once, and returns its result. For short consecutive calls.
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

/** Arguments of one of the calls of a run (see `argumentsInOrder`). */
export function argumentsAt(numbers: Float64Array, index: number, width: number): number[] {
  const found: number[] = [];
  for (let i = index * width; i < (index + 1) * width; i++) found.push(numbers[i]!);
  return found;
}

/** Runs one call. `scratch` is appended if the run has scratch space. */
export function callKernel(kernels: Kernels, kernel: KernelName, given: readonly number[], scratch: Address | undefined): number {
  return (scratch === undefined ? kernels[kernel](...given) : kernels[kernel](...given, scratch)) ?? 0;
}

/** Creates the `call` of a pool: kernels run on the calling thread, with scratch space from the memory. */
export function callsHere(kernels: Kernels, memory: KernelMemory): KernelPool['call'] {
  return (kernel, call, ...[scratchBytes = 0]) => {
    const mark = memory.mark();
    const [scratch] = allocateScratch(memory, 1, scratchBytes);
    const given = argumentsInOrder(kernel, [call]);
    const found = callKernel(kernels, kernel, argumentsAt(given, 0, given.length), scratch);
    memory.release(mark);
    return found;
  };
}

/**
 * Pool without threads, for browsers and tests. The calls run one after the other on the calling thread, on the unshared build.
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
