import { type Settings, settingsPath } from '../config/load.ts';
import type { Source } from '../drivers/driver.ts';
import { driverOf, type EngineName, openFiles, type Target, targets, workTablesEngine } from '../drivers/drivers.ts';
import { findPackage } from '../run/code-hash.ts';
import { confineSql } from '../run/input-files.ts';
import { engineOptions } from '../source/run-snapshot.ts';
import type { EngineModule, ResultTarget, WorkTable, WorkTableAction, WorkTableOptions } from './engine-module.ts';
import type { RunContext } from './run-context.ts';
import type { Site } from './site.ts';

/** Loads an engine, from its package if it has one. @throws AppError config if the package is not installed */
export async function loadEngine(name: EngineName): Promise<EngineModule> {
  const { package: from } = driverOf({ engine: name });
  if (from === undefined) return { open: openFiles };
  findPackage(from);
  const { engine } = (await import(from)) as { engine: EngineModule };
  return engine;
}

/** Loads the target of a config: the tables of an engine that receive results. @throws AppError as `loadEngine` and `target` */
export async function loadTarget(settings: Settings, to: Target): Promise<ResultTarget> {
  const { target } = await loadEngine(to);
  return target!(settings, to);
}

/** Loads the site of a run with pushdown, whose customers stay on the server. */
export async function serverSite(context: RunContext): Promise<Site> {
  const { site } = await loadEngine(context.settings.config.source.engine);
  return site!(context);
}

/** Loads all engines that a config names, and checks the settings of its targets. @throws AppError as `loadTarget` */
export async function needEngines(settings: Settings): Promise<void> {
  const { source, output } = settings.config;
  await loadEngine(source.engine);
  for (const to of targets) if (output[to] !== undefined) await loadTarget(settings, to);
}

/**
 * Shows, makes or drops the work tables of a config.
 * @throws AppError config if the config has none, or if the engine's package is not installed
 */
export async function runWorkTables(
  settings: Settings,
  action: WorkTableAction,
  options: WorkTableOptions = {},
): Promise<readonly WorkTable[]> {
  const { workTables } = await loadEngine(workTablesEngine(settings.config.source));
  return workTables!(settings, action, options);
}

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
