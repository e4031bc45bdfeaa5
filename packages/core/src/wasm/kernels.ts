import { type KernelCalls, parameterOrder, type ScratchKernel } from '../generated/kernel-calls.ts';
import { base64, hash, memoryFlagsAt } from '../generated/kernels.ts';
import { pageBytes } from './memory.ts';

export type KernelName = keyof KernelCalls;

/** Largest memory that the binary declares, in pages: 4 GiB, the limit of 32-bit addresses. */
const maximumPages = 65_536;

/** Bit that declares a shared memory, in the flags of the memory in a WebAssembly binary. */
const isShared = 2;

/** First 8 hexadecimal digits of the sha256 of the binary. Model files and manifests store them. */
export const kernelHash: string = hash.slice(0, 8);

/** Exported kernels of one instance. A kernel takes numbers and returns a number or nothing. */
export type Kernels = Readonly<Record<KernelName, (...numbers: number[]) => number>>;

/** Named arguments of one kernel call. */
export type KernelCall<Kernel extends KernelName> = Readonly<KernelCalls[Kernel]>;

/** Bytes of scratch space for each call. Only kernels with scratch space have this argument. */
export type ScratchBytes<Kernel extends KernelName> = Kernel extends ScratchKernel ? [scratchBytes: number] : [];

/** Arguments of calls in the order of the kernel's parameters: f64[calls x arguments], row-major. */
export function argumentsInOrder<Kernel extends KernelName>(
  kernel: Kernel,
  calls: readonly KernelCall<Kernel>[],
): Float64Array<ArrayBuffer> {
  const order = parameterOrder[kernel];
  const numbers = new Float64Array(calls.length * order.length);
  let at = 0;
  for (const call of calls) for (const name of order) numbers[at++] = Number(call[name]);
  return numbers;
}

/** Number of arguments of a kernel call, without scratch space. */
export function argumentCount(kernel: KernelName): number {
  return parameterOrder[kernel].length;
}

function kernelBytes(): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const compiled: { shared?: WebAssembly.Module; single?: WebAssembly.Module } = {};

/** Compiles the kernels for shared or unshared (`single`) memory, once per process. The module can be posted to workers. */
export function compileKernels(kind: 'shared' | 'single'): WebAssembly.Module {
  const cached = compiled[kind];
  if (cached) return cached;
  const bytes = kernelBytes();
  if (kind === 'single') bytes[memoryFlagsAt]! &= ~isShared;
  const module = new WebAssembly.Module(bytes);
  compiled[kind] = module;
  return module;
}

/** Creates an instance on `memory`. A module for shared memory needs a shared memory, and vice versa. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/** Creates a memory of `bytes` bytes, rounded up to pages. It can grow to 4 GiB. */
export function createMemory(kind: 'shared' | 'single', bytes: number): WebAssembly.Memory {
  const initial = Math.max(1, Math.ceil(bytes / pageBytes));
  return new WebAssembly.Memory({ initial, maximum: maximumPages, shared: kind === 'shared' });
}

/** Smallest modules that use SIMD (a vector) and threads (an atomic load of shared memory), from wasm-feature-detect. */
const probes = {
  SIMD: '0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b',
  threads: '0061736d01000000010401600000030201000504010301010a0b0109004100fe1002001a0b',
};

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));
}

/** WebAssembly features that the kernels need and this host lacks: `SIMD`, `threads`. Empty if the kernels can run. */
export function missingFeatures(
  validate: (module: Uint8Array<ArrayBuffer>) => boolean = (module) => WebAssembly.validate(module),
): string[] {
  return Object.entries(probes).flatMap(([name, module]) => (validate(bytesOf(module)) ? [] : [name]));
}
