import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { driverOf } from '../drivers/drivers.ts';
import { confineSql } from '../run/sql-patterns.ts';
import { engineOptions } from '../source/engine-options.ts';
import { loadEngine } from './load-engine.ts';

/** Opens the engine of the source, which spills to `tempDirectory`. A server is called only by the first statement. */
export async function openSource(settings: Settings, threads: number, tempDirectory: string): Promise<Source> {
  const { source } = settings.config;
  const workbench = engineOptions(settings, threads, tempDirectory);
  const path = (relative: string) => settingsPath(settings, relative);
  const { open } = await loadEngine(source.engine);
  const opened = await open({ source, path, workbench });
  if (!driverOf(source).readsFiles) return opened;
  try {
    await confineSql(settings, opened.workbench, [tempDirectory, path(settings.config.output.dir)]);
    return opened;
  } catch (cause) {
    await opened.close().catch(() => {}); // A failure to close does not replace the first failure.
    throw cause;
  }
}
