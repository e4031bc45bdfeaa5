import type { Settings } from '../config/load.ts';
import { driverOf, type EngineName, type Target, targets } from '../drivers/drivers.ts';
import { openFiles } from '../drivers/duckdb.ts';
import { findPackage } from '../drivers/engine-package.ts';
import type { EngineModule, ResultTarget } from './engine-module.ts';

/** Loads an engine, with its package if it has one. @throws AppError config if the package is not installed */
export async function loadEngine(name: EngineName): Promise<EngineModule> {
  const { package: from } = driverOf({ engine: name });
  if (name === 'hive' || name === 'spark') return (await import('./hive-engine.ts')).engine;
  if (from === undefined) return { open: openFiles };
  findPackage(from);
  const { engine } = (await import(from)) as { engine: EngineModule };
  return engine;
}

/** The target of a config in the tables of an engine. @throws AppError as `loadEngine` and `target` */
export async function loadTarget(settings: Settings, to: Target): Promise<ResultTarget> {
  const { target } = await loadEngine(to);
  return target!(settings, to);
}

/** Loads all engines that a config names, and checks what it says of its targets. @throws AppError as `loadTarget` */
export async function needEngines(settings: Settings): Promise<void> {
  const { source, output } = settings.config;
  await loadEngine(source.engine);
  for (const to of targets) if (output[to] !== undefined) await loadTarget(settings, to);
}
