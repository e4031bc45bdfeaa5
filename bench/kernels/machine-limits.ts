import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '../..');
/** Bytes that are copied: far more than caches hold. */
const streamBytes = 2 ** 28;
/** Chains x lanes of one round of multiplyAddF32. */
const roundAdds = 48;
const rounds = 2 ** 22;
const repetitions = 5;

/** The exports of assembly/limits.ts. */
interface LimitKernels {
  copyBytes(from: number, to: number, bytes: number): void;
  readBytes(from: number, bytes: number): number;
  multiplyAddF32(rounds: number, factor: number): number;
  /** @see solveProduct of assembly/limits.ts */
  solveProduct(u: number, z: number, p: number, v: number, size: number, width: number, lambda: number, scratch: number): number;
}

/** The limits' kernels on a memory of their own, of `bytes` bytes. */
export interface LimitModule {
  kernels: LimitKernels;
  memory: WebAssembly.Memory;
}

/** Limits of one thread. */
export interface MachineLimits {
  /** Bytes a second, read and written: the better of reading and copying what no cache holds. */
  bandwidth: number;
  /** Multiply-adds of f32 a second: multiplications and additions of vectors of four in registers. Of f64: half of it. */
  multiplyAdds: number;
}

/** Compiles assembly/limits.ts with the options of the kernels. */
async function compileLimits(): Promise<WebAssembly.Module> {
  mkdirSync(join(root, 'build'), { recursive: true });
  const options: { optimizeLevel: number; shrinkLevel: number; use: string[] } = JSON.parse(
    readFileSync(join(root, 'asconfig.json'), 'utf8'),
  ).options;
  const { error, stderr } = await asc.main([
    ...['assembly/limits.ts', '--baseDir', root, '--config', 'none', '--outFile', 'build/limits.wasm'],
    ...['--runtime', 'stub', '--importMemory', '--maximumMemory', '65536', '--noAssert', '--converge', '--enable', 'simd'],
    ...['--optimizeLevel', String(options.optimizeLevel), '--shrinkLevel', String(options.shrinkLevel)],
    ...options.use.flatMap((use) => ['--use', use]),
  ]);
  if (error) throw new Error(`assembly/limits.ts does not compile\n${stderr.toString()}`);
  return new WebAssembly.Module(new Uint8Array(readFileSync(join(root, 'build/limits.wasm'))));
}

/** Compiles and instantiates the limits' kernels. */
export async function limitModule(): Promise<LimitModule> {
  const memory = new WebAssembly.Memory({ initial: (2 * streamBytes) / 65_536 + 1, maximum: 65_536 });
  const { exports } = new WebAssembly.Instance(await compileLimits(), { env: { memory } });
  return { kernels: exports as unknown as LimitKernels, memory };
}

/** Seconds of the fastest of some runs: a limit is what is reached where nothing disturbs. */
function fastest(run: () => void): number {
  const seconds = Array.from({ length: repetitions + 1 }, () => {
    const begin = performance.now();
    run();
    return (performance.now() - begin) / 1000;
  });
  return Math.min(...seconds.slice(1));
}

/** Measures the machine. */
export function measureLimits({ kernels, memory }: LimitModule): MachineLimits {
  const [from, to] = [65_536, 65_536 + streamBytes];
  new Uint8Array(memory.buffer, from, 2 * streamBytes).fill(1); // so that every page is there
  const copied = (2 * streamBytes) / fastest(() => kernels.copyBytes(from, to, streamBytes));
  const read = (2 * streamBytes) / fastest(() => kernels.readBytes(from, 2 * streamBytes));
  const multiplyAdds = (rounds * roundAdds) / fastest(() => kernels.multiplyAddF32(rounds, 0.5));
  return { bandwidth: Math.max(copied, read), multiplyAdds };
}
