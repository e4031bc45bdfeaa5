import { usableCores } from '@basketwise/core/node';
import { type DuckdbEngine, type Engine, HiveEngine, openDuckdb } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { hiveSettings } from './hive-settings.ts';

/** Whether customers and holdings stay in Hive. */
export function isPushdown({ source }: Config): boolean {
  return source.engine === 'hive' && source.hive?.pushdown === true;
}

/** Threads that a config asks for; `auto`: as many as the process can keep busy, its control group's quota included. */
export function threadCount(workers: number | 'auto'): number {
  return workers === 'auto' ? usableCores() : workers;
}

/** How DuckDB is opened that spills to `tempDirectory`. */
export function engineOptions({ config: { source } }: Settings, threads: number, tempDirectory: string) {
  return {
    memory: `${Math.max(64, Math.floor(source.memory / 2 ** 20))}MiB`,
    threads,
    tempDirectory,
  };
}

/** Where a job reads the bank's tables. */
export interface Source {
  engine: Engine;
  /** Where rows are joined and written. */
  workbench: DuckdbEngine;
  close(): Promise<void>;
}

/** Opens the engine that reads the source; it spills to `tempDirectory`. Hive is not called before the first statement. */
export async function openSource(settings: Settings, threads: number, tempDirectory: string): Promise<Source> {
  const { source } = settings.config;
  const options = engineOptions(settings, threads, tempDirectory);
  if (source.engine === 'hive') {
    const engine = new HiveEngine(hiveSettings(settings));
    const workbench = await openDuckdb(options);
    return { engine, workbench, close: async () => void (await Promise.all([engine.close(), workbench.close()])) };
  }
  const engine = await openDuckdb({
    ...{ ...options, path: settingsPath(settings, source.path) },
    ...{ encoding: source.encoding, timeZone: source.time_zone },
  });
  return { engine, workbench: engine, close: () => engine.close() };
}
