import { usableCores } from '@basketwise/core/node';
import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { driverOf } from '../drivers/drivers.ts';
import { confineSql } from '../run/sql-patterns.ts';

/** Threads of a config; `auto`: as many as the process can keep busy, its control group's quota included. */
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

/** Opens the engine of the source; it spills to `tempDirectory`. Its first statement is the first call of a server. */
export async function openSource(settings: Settings, threads: number, tempDirectory: string): Promise<Source> {
  const { source } = settings.config;
  const workbench = engineOptions(settings, threads, tempDirectory);
  const path = (relative: string) => settingsPath(settings, relative);
  const driver = driverOf(source);
  const opened = await driver.open({ source, path, workbench });
  if (!driver.readsFiles) return opened;
  try {
    await confineSql(settings, opened.workbench, [tempDirectory, path(settings.config.output.dir)]);
    return opened;
  } catch (cause) {
    await opened.close().catch(() => {}); // throw the first failure
    throw cause;
  }
}
