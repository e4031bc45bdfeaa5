import { join } from 'node:path';
import { usableCores } from '@basketwise/core';
import { openSnapshot, type Snapshot } from '@basketwise/data';
import { type Settings, settingsPath } from '../config/load.ts';

import { checkSnapshot, successfulRun } from '../run/latest.ts';
import { openSpill } from '../run/spill.ts';

/** Opened snapshot of a run. The caller must close it. */
export interface RunSnapshot {
  /** Name of the run. */
  name: string;
  /** Folder of the run. */
  folder: string;
  snapshot: Snapshot;
  close(): Promise<void>;
}

/**
 * Opens the snapshot of the latest run, or of a named one.
 * @throws AppError missing-input if there is no such run, bad-data if its manifest is damaged
 */
export async function openRunSnapshot(settings: Settings, threads: number, run?: string): Promise<RunSnapshot> {
  const output = settingsPath(settings, settings.config.output.dir);
  const name = await successfulRun(output, run);
  await checkSnapshot(output, name);
  return openExtracted(settings, threads, name);
}

/** Opens the snapshot of a run by the run's name. The run may have stopped after its extraction. */
export async function openExtracted(settings: Settings, threads: number, name: string): Promise<RunSnapshot> {
  const output = settingsPath(settings, settings.config.output.dir);
  const folder = join(output, 'runs', name);
  const spill = await openSpill(output);
  const opening = openSnapshot(join(folder, 'snapshot'), engineOptions(settings, threads, spill.path));
  const snapshot = await opening.catch(async (cause) => {
    await spill.close().catch(() => {}); // A failure to close does not replace the first failure.
    throw cause;
  });
  return { name, folder, snapshot, close: () => closeAll([snapshot, spill]) };
}

/** Closes all resources, one after the other, even if one fails to close. Afterwards throws the first failure. */
export async function closeAll(tools: readonly ({ close(): Promise<void> } | undefined)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const tool of tools)
    await tool?.close().catch((error) => {
      failures.push(error);
    });
  if (failures.length > 0) throw failures[0];
}

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
