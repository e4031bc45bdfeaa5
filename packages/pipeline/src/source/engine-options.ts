import { usableCores } from '@basketwise/core/node';
import type { Settings } from '../config/load.ts';

/** Number of threads that a config asks for. `auto`: the cores that the process can use, within the quota of its control group. */
export function threadCount(workers: number | 'auto'): number {
  return workers === 'auto' ? usableCores() : workers;
}

/** Options of a DuckDB engine that spills to `tempDirectory`. */
export function engineOptions({ config: { source } }: Settings, threads: number, tempDirectory: string) {
  return {
    memory: `${Math.max(64, Math.floor(source.memory / 2 ** 20))}MiB`,
    threads,
    tempDirectory,
  };
}
