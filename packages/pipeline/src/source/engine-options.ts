import { usableCores } from '@basketwise/core/node';
import type { Settings } from '../config/load.ts';

/** Number of threads of a config. `auto`: as many as the process can keep busy, within its control group's quota. */
export function threadCount(workers: number | 'auto'): number {
  return workers === 'auto' ? usableCores() : workers;
}

/** Settings of a DuckDB that spills to `tempDirectory`. */
export function engineOptions({ config: { source } }: Settings, threads: number, tempDirectory: string) {
  return {
    memory: `${Math.max(64, Math.floor(source.memory / 2 ** 20))}MiB`,
    threads,
    tempDirectory,
  };
}
